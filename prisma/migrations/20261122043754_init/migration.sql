-- CreateTable
CREATE TABLE "accounts" (
    "ownerId" UUID NOT NULL,
    "id" UUID NOT NULL,
    "email" TEXT NOT NULL,
    "name" TEXT,
    "locale" TEXT NOT NULL,
    "timeZone" TEXT NOT NULL,
    "region" TEXT NOT NULL,
    "sendTime" TEXT NOT NULL,
    "weeklyDigest" BOOLEAN NOT NULL DEFAULT false,
    "signInCount" INTEGER NOT NULL DEFAULT 0,
    "lastSignInAt" TIMESTAMPTZ(3),
    "mailFailures" INTEGER NOT NULL DEFAULT 0,
    "mailRetryAt" TIMESTAMPTZ(3),
    "mailPausedAt" TIMESTAMPTZ(3),
    "createdAt" TIMESTAMPTZ(3) NOT NULL,
    "updatedAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "accounts_pkey" PRIMARY KEY ("ownerId","id")
);

-- CreateTable
CREATE TABLE "sessions" (
    "ownerId" UUID NOT NULL,
    "id" UUID NOT NULL,
    "tokenHash" BYTEA NOT NULL,
    "userAgent" TEXT,
    "createdAt" TIMESTAMPTZ(3) NOT NULL,
    "lastSeenAt" TIMESTAMPTZ(3) NOT NULL,
    "expiresAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "sessions_pkey" PRIMARY KEY ("ownerId","id")
);

-- CreateTable
CREATE TABLE "directory_subjects" (
    "subject" TEXT NOT NULL,
    "ownerId" UUID NOT NULL,

    CONSTRAINT "directory_subjects_pkey" PRIMARY KEY ("subject")
);

-- CreateTable
CREATE TABLE "google_identities" (
    "ownerId" UUID NOT NULL,
    "id" UUID NOT NULL,
    "subject" TEXT NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "google_identities_pkey" PRIMARY KEY ("ownerId","id")
);

-- CreateTable
CREATE TABLE "directory_credentials" (
    "secretHash" BYTEA NOT NULL,
    "kind" TEXT NOT NULL,
    "ownerId" UUID NOT NULL,
    "entityId" UUID NOT NULL,

    CONSTRAINT "directory_credentials_pkey" PRIMARY KEY ("secretHash")
);

-- CreateTable
CREATE TABLE "auth_flows" (
    "stateHash" BYTEA NOT NULL,
    "expiresAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "auth_flows_pkey" PRIMARY KEY ("stateHash")
);

-- CreateTable
CREATE TABLE "contacts" (
    "ownerId" UUID NOT NULL,
    "id" UUID NOT NULL,
    "displayName" TEXT NOT NULL,
    "sortName" TEXT NOT NULL,
    "familySortName" TEXT,
    "namePrefix" TEXT,
    "nameGiven" TEXT,
    "nameMiddle" TEXT,
    "nameFamily" TEXT,
    "nameSuffix" TEXT,
    "nameNickname" TEXT,
    "namePhoneticGiven" TEXT,
    "namePhoneticFamily" TEXT,
    "about" BYTEA,
    "starred" BOOLEAN NOT NULL DEFAULT false,
    "externalReference" TEXT,
    "provenance" JSONB NOT NULL DEFAULT '{}',
    "archivedAt" TIMESTAMPTZ(3),
    "deletedAt" TIMESTAMPTZ(3),
    "createdAt" TIMESTAMPTZ(3) NOT NULL,
    "updatedAt" TIMESTAMPTZ(3) NOT NULL,
    "lastInteractionAt" TIMESTAMPTZ(3),
    "lastInboundAt" TIMESTAMPTZ(3),
    "lastOutboundAt" TIMESTAMPTZ(3),
    "followUpEvery" TEXT,
    "followUpSetAt" TIMESTAMPTZ(3),
    "followUpInForce" TEXT,
    "followUpFromTag" TEXT,
    "followUpDueAt" TIMESTAMPTZ(3),
    "followUpAlertAt" TIMESTAMPTZ(3),
    "followUpAlertedAt" TIMESTAMPTZ(3),

    CONSTRAINT "contacts_pkey" PRIMARY KEY ("ownerId","id")
);

-- CreateTable
CREATE TABLE "contact_emails" (
    "ownerId" UUID NOT NULL,
    "id" UUID NOT NULL,
    "contactId" UUID NOT NULL,
    "position" INTEGER NOT NULL,
    "address" TEXT NOT NULL,
    "normalized" TEXT NOT NULL,
    "canonical" TEXT NOT NULL,
    "addressFolded" TEXT NOT NULL,
    "label" TEXT,
    "primary" BOOLEAN NOT NULL DEFAULT false,
    "source" TEXT NOT NULL,
    "sourceIds" UUID[] DEFAULT ARRAY[]::UUID[],
    "edited" BOOLEAN NOT NULL DEFAULT false,

    CONSTRAINT "contact_emails_pkey" PRIMARY KEY ("ownerId","id")
);

-- CreateTable
CREATE TABLE "contact_phones" (
    "ownerId" UUID NOT NULL,
    "id" UUID NOT NULL,
    "contactId" UUID NOT NULL,
    "position" INTEGER NOT NULL,
    "number" TEXT NOT NULL,
    "e164" TEXT,
    "digits" TEXT NOT NULL,
    "label" TEXT,
    "primary" BOOLEAN NOT NULL DEFAULT false,
    "source" TEXT NOT NULL,
    "sourceIds" UUID[] DEFAULT ARRAY[]::UUID[],
    "edited" BOOLEAN NOT NULL DEFAULT false,

    CONSTRAINT "contact_phones_pkey" PRIMARY KEY ("ownerId","id")
);

-- CreateTable
CREATE TABLE "contact_addresses" (
    "ownerId" UUID NOT NULL,
    "id" UUID NOT NULL,
    "contactId" UUID NOT NULL,
    "position" INTEGER NOT NULL,
    "label" TEXT,
    "street" TEXT,
    "extended" TEXT,
    "poBox" TEXT,
    "city" TEXT,
    "region" TEXT,
    "postalCode" TEXT,
    "country" TEXT,
    "countryCode" TEXT,
    "source" TEXT NOT NULL,
    "sourceIds" UUID[] DEFAULT ARRAY[]::UUID[],
    "edited" BOOLEAN NOT NULL DEFAULT false,

    CONSTRAINT "contact_addresses_pkey" PRIMARY KEY ("ownerId","id")
);

-- CreateTable
CREATE TABLE "contact_urls" (
    "ownerId" UUID NOT NULL,
    "id" UUID NOT NULL,
    "contactId" UUID NOT NULL,
    "position" INTEGER NOT NULL,
    "url" TEXT NOT NULL,
    "label" TEXT,
    "source" TEXT NOT NULL,
    "sourceIds" UUID[] DEFAULT ARRAY[]::UUID[],
    "edited" BOOLEAN NOT NULL DEFAULT false,

    CONSTRAINT "contact_urls_pkey" PRIMARY KEY ("ownerId","id")
);

-- CreateTable
CREATE TABLE "contact_organizations" (
    "ownerId" UUID NOT NULL,
    "id" UUID NOT NULL,
    "contactId" UUID NOT NULL,
    "position" INTEGER NOT NULL,
    "name" TEXT,
    "nameFolded" TEXT,
    "department" TEXT,
    "title" TEXT,
    "source" TEXT NOT NULL,
    "sourceIds" UUID[] DEFAULT ARRAY[]::UUID[],
    "edited" BOOLEAN NOT NULL DEFAULT false,

    CONSTRAINT "contact_organizations_pkey" PRIMARY KEY ("ownerId","id")
);

-- CreateTable
CREATE TABLE "contact_dates" (
    "ownerId" UUID NOT NULL,
    "id" UUID NOT NULL,
    "contactId" UUID NOT NULL,
    "position" INTEGER NOT NULL,
    "kind" TEXT NOT NULL,
    "label" TEXT,
    "year" INTEGER,
    "month" INTEGER,
    "day" INTEGER,
    "source" TEXT NOT NULL,
    "sourceIds" UUID[] DEFAULT ARRAY[]::UUID[],
    "edited" BOOLEAN NOT NULL DEFAULT false,

    CONSTRAINT "contact_dates_pkey" PRIMARY KEY ("ownerId","id")
);

-- CreateTable
CREATE TABLE "contact_relations" (
    "ownerId" UUID NOT NULL,
    "id" UUID NOT NULL,
    "contactId" UUID NOT NULL,
    "position" INTEGER NOT NULL,
    "name" TEXT NOT NULL,
    "kind" TEXT,
    "relatedContactId" UUID,
    "source" TEXT NOT NULL,
    "sourceIds" UUID[] DEFAULT ARRAY[]::UUID[],
    "edited" BOOLEAN NOT NULL DEFAULT false,

    CONSTRAINT "contact_relations_pkey" PRIMARY KEY ("ownerId","id")
);

-- CreateTable
CREATE TABLE "contact_custom_fields" (
    "ownerId" UUID NOT NULL,
    "id" UUID NOT NULL,
    "contactId" UUID NOT NULL,
    "position" INTEGER NOT NULL,
    "name" BYTEA NOT NULL,
    "value" BYTEA NOT NULL,
    "source" TEXT NOT NULL,
    "sourceIds" UUID[] DEFAULT ARRAY[]::UUID[],
    "edited" BOOLEAN NOT NULL DEFAULT false,

    CONSTRAINT "contact_custom_fields_pkey" PRIMARY KEY ("ownerId","id")
);

-- CreateTable
CREATE TABLE "tags" (
    "ownerId" UUID NOT NULL,
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "nameFolded" TEXT NOT NULL,
    "followUpEvery" TEXT,
    "followUpSetAt" TIMESTAMPTZ(3),
    "createdAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "tags_pkey" PRIMARY KEY ("ownerId","id")
);

-- CreateTable
CREATE TABLE "contact_tags" (
    "ownerId" UUID NOT NULL,
    "contactId" UUID NOT NULL,
    "tagId" UUID NOT NULL,
    "position" INTEGER NOT NULL,
    "source" TEXT NOT NULL,
    "sourceIds" UUID[] DEFAULT ARRAY[]::UUID[],
    "edited" BOOLEAN NOT NULL DEFAULT false,

    CONSTRAINT "contact_tags_pkey" PRIMARY KEY ("ownerId","contactId","tagId")
);

-- CreateTable
CREATE TABLE "contact_sources" (
    "ownerId" UUID NOT NULL,
    "id" UUID NOT NULL,
    "contactId" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "externalId" TEXT,
    "fingerprint" BYTEA,
    "raw" BYTEA,
    "firstSeenAt" TIMESTAMPTZ(3) NOT NULL,
    "lastSeenAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "contact_sources_pkey" PRIMARY KEY ("ownerId","id")
);

-- CreateTable
CREATE TABLE "source_tombstones" (
    "ownerId" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "externalIdHash" BYTEA NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "source_tombstones_pkey" PRIMARY KEY ("ownerId","kind","externalIdHash")
);

-- CreateTable
CREATE TABLE "contact_removed_values" (
    "ownerId" UUID NOT NULL,
    "contactId" UUID NOT NULL,
    "field" TEXT NOT NULL,
    "valueHash" BYTEA NOT NULL,
    "removedAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "contact_removed_values_pkey" PRIMARY KEY ("ownerId","contactId","field","valueHash")
);

-- CreateTable
CREATE TABLE "avatars" (
    "ownerId" UUID NOT NULL,
    "id" UUID NOT NULL,
    "contactId" UUID NOT NULL,
    "key" TEXT NOT NULL,
    "contentType" TEXT NOT NULL,
    "bytes" INTEGER NOT NULL,
    "sha256" BYTEA NOT NULL,
    "source" TEXT NOT NULL,
    "edited" BOOLEAN NOT NULL DEFAULT false,
    "createdAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "avatars_pkey" PRIMARY KEY ("ownerId","id")
);

-- CreateTable
CREATE TABLE "contact_merges" (
    "ownerId" UUID NOT NULL,
    "id" UUID NOT NULL,
    "survivorId" UUID NOT NULL,
    "mergedIds" UUID[],
    "undo" BYTEA,
    "createdAt" TIMESTAMPTZ(3) NOT NULL,
    "undoUntil" TIMESTAMPTZ(3) NOT NULL,
    "undoneAt" TIMESTAMPTZ(3),

    CONSTRAINT "contact_merges_pkey" PRIMARY KEY ("ownerId","id")
);

-- CreateTable
CREATE TABLE "deliveries" (
    "ownerId" UUID NOT NULL,
    "id" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "entityId" UUID NOT NULL,
    "occurrenceAt" TIMESTAMPTZ(3) NOT NULL,
    "state" TEXT NOT NULL,
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "messageId" TEXT NOT NULL,
    "message" BYTEA,
    "lastError" TEXT,
    "nextAttemptAt" TIMESTAMPTZ(3),
    "sentAt" TIMESTAMPTZ(3),
    "createdAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "deliveries_pkey" PRIMARY KEY ("ownerId","id")
);

-- CreateTable
CREATE TABLE "events" (
    "ownerId" UUID NOT NULL,
    "seq" BIGINT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "actor" TEXT NOT NULL,
    "requestId" TEXT NOT NULL,
    "type" TEXT NOT NULL,
    "entityType" TEXT NOT NULL,
    "entityId" UUID NOT NULL,
    "changed" TEXT[],
    "prevHash" BYTEA NOT NULL,
    "hash" BYTEA NOT NULL,

    CONSTRAINT "events_pkey" PRIMARY KEY ("ownerId","seq")
);

-- CreateTable
CREATE TABLE "event_heads" (
    "ownerId" UUID NOT NULL,
    "seq" BIGINT NOT NULL,
    "hash" BYTEA NOT NULL,
    "mac" BYTEA NOT NULL,

    CONSTRAINT "event_heads_pkey" PRIMARY KEY ("ownerId")
);

-- CreateTable
CREATE TABLE "outbox" (
    "ownerId" UUID NOT NULL,
    "id" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "payload" JSONB NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL,
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "notBefore" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "outbox_pkey" PRIMARY KEY ("ownerId","id")
);

-- CreateTable
CREATE TABLE "directory_due" (
    "kind" TEXT NOT NULL,
    "ownerId" UUID NOT NULL,
    "entityId" UUID NOT NULL,
    "dueAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "directory_due_pkey" PRIMARY KEY ("kind","ownerId","entityId")
);

-- CreateTable
CREATE TABLE "import_runs" (
    "ownerId" UUID NOT NULL,
    "id" UUID NOT NULL,
    "format" TEXT NOT NULL,
    "state" TEXT NOT NULL,
    "blobKey" TEXT,
    "bytes" INTEGER NOT NULL,
    "processed" INTEGER NOT NULL DEFAULT 0,
    "created" INTEGER NOT NULL DEFAULT 0,
    "updated" INTEGER NOT NULL DEFAULT 0,
    "unchanged" INTEGER NOT NULL DEFAULT 0,
    "skipped" INTEGER NOT NULL DEFAULT 0,
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "error" TEXT,
    "createdAt" TIMESTAMPTZ(3) NOT NULL,
    "finishedAt" TIMESTAMPTZ(3),

    CONSTRAINT "import_runs_pkey" PRIMARY KEY ("ownerId","id")
);

-- CreateTable
CREATE TABLE "import_rows" (
    "ownerId" UUID NOT NULL,
    "importId" UUID NOT NULL,
    "index" INTEGER NOT NULL,
    "outcome" TEXT NOT NULL,
    "message" TEXT NOT NULL,

    CONSTRAINT "import_rows_pkey" PRIMARY KEY ("ownerId","importId","index")
);

-- CreateTable
CREATE TABLE "google_grants" (
    "ownerId" UUID NOT NULL,
    "id" UUID NOT NULL,
    "subject" TEXT NOT NULL,
    "email" TEXT NOT NULL,
    "grantedScopes" TEXT[],
    "refreshToken" BYTEA,
    "accessToken" BYTEA,
    "accessExpiresAt" TIMESTAMPTZ(3),
    "tokenGeneration" INTEGER NOT NULL DEFAULT 0,
    "refreshingUntil" TIMESTAMPTZ(3),
    "status" TEXT NOT NULL,
    "statusReason" TEXT,
    "createdAt" TIMESTAMPTZ(3) NOT NULL,
    "updatedAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "google_grants_pkey" PRIMARY KEY ("ownerId","id")
);

-- CreateTable
CREATE TABLE "google_sync_states" (
    "ownerId" UUID NOT NULL,
    "id" UUID NOT NULL,
    "feature" TEXT NOT NULL,
    "status" TEXT NOT NULL,
    "phase" TEXT,
    "processed" INTEGER NOT NULL DEFAULT 0,
    "total" INTEGER,
    "paramsHash" TEXT,
    "pageToken" TEXT,
    "cursor" TEXT,
    "cursorAt" TIMESTAMPTZ(3),
    "runId" INTEGER NOT NULL DEFAULT 0,
    "fence" INTEGER NOT NULL DEFAULT 0,
    "leaseOwner" TEXT,
    "leaseUntil" TIMESTAMPTZ(3),
    "nextRunAt" TIMESTAMPTZ(3),
    "notBefore" TIMESTAMPTZ(3),
    "failures" INTEGER NOT NULL DEFAULT 0,
    "lastSuccessAt" TIMESTAMPTZ(3),
    "lastFullAt" TIMESTAMPTZ(3),
    "errorCode" TEXT,
    "updatedAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "google_sync_states_pkey" PRIMARY KEY ("ownerId","id")
);

-- CreateTable
CREATE TABLE "google_avatar_fetches" (
    "ownerId" UUID NOT NULL,
    "contactId" UUID NOT NULL,
    "person" TEXT NOT NULL,
    "urlHash" BYTEA NOT NULL,
    "url" TEXT,
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "notBefore" TIMESTAMPTZ(3),

    CONSTRAINT "google_avatar_fetches_pkey" PRIMARY KEY ("ownerId","contactId")
);

-- CreateTable
CREATE TABLE "idempotent_answers" (
    "ownerId" UUID NOT NULL,
    "id" UUID NOT NULL,
    "keyHash" BYTEA NOT NULL,
    "payloadHash" BYTEA NOT NULL,
    "answer" BYTEA NOT NULL,
    "createdAt" TIMESTAMPTZ(3) NOT NULL,
    "expiresAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "idempotent_answers_pkey" PRIMARY KEY ("ownerId","id")
);

-- CreateTable
CREATE TABLE "rate_limits" (
    "key" TEXT NOT NULL,
    "spent" DOUBLE PRECISION NOT NULL,
    "granted" DOUBLE PRECISION NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "rate_limits_pkey" PRIMARY KEY ("key")
);

-- CreateTable
CREATE TABLE "interactions" (
    "ownerId" UUID NOT NULL,
    "id" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "direction" TEXT NOT NULL,
    "source" TEXT NOT NULL,
    "occurredAt" TIMESTAMPTZ(3) NOT NULL,
    "endedAt" TIMESTAMPTZ(3),
    "subject" BYTEA,
    "location" BYTEA,
    "externalId" TEXT,
    "threadId" TEXT,
    "counted" BOOLEAN NOT NULL DEFAULT true,
    "hiddenAt" TIMESTAMPTZ(3),
    "createdAt" TIMESTAMPTZ(3) NOT NULL,
    "updatedAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "interactions_pkey" PRIMARY KEY ("ownerId","id")
);

-- CreateTable
CREATE TABLE "interaction_contacts" (
    "ownerId" UUID NOT NULL,
    "interactionId" UUID NOT NULL,
    "contactId" UUID NOT NULL,
    "occurredAt" TIMESTAMPTZ(3) NOT NULL,
    "direction" TEXT NOT NULL,
    "counted" BOOLEAN NOT NULL DEFAULT true,

    CONSTRAINT "interaction_contacts_pkey" PRIMARY KEY ("ownerId","interactionId","contactId")
);

-- CreateTable
CREATE TABLE "interaction_participants" (
    "ownerId" UUID NOT NULL,
    "id" UUID NOT NULL,
    "interactionId" UUID NOT NULL,
    "position" INTEGER NOT NULL,
    "role" TEXT NOT NULL,
    "address" TEXT,
    "canonical" TEXT,
    "name" TEXT,
    "contactId" UUID,

    CONSTRAINT "interaction_participants_pkey" PRIMARY KEY ("ownerId","id")
);

-- CreateTable
CREATE TABLE "notes" (
    "ownerId" UUID NOT NULL,
    "id" UUID NOT NULL,
    "contactId" UUID NOT NULL,
    "body" BYTEA NOT NULL,
    "pinned" BOOLEAN NOT NULL DEFAULT false,
    "hiddenAt" TIMESTAMPTZ(3),
    "createdAt" TIMESTAMPTZ(3) NOT NULL,
    "updatedAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "notes_pkey" PRIMARY KEY ("ownerId","id")
);

-- CreateTable
CREATE TABLE "reminders" (
    "ownerId" UUID NOT NULL,
    "id" UUID NOT NULL,
    "contactId" UUID,
    "title" BYTEA NOT NULL,
    "details" BYTEA,
    "startLocal" TEXT NOT NULL,
    "dueLocal" TEXT NOT NULL,
    "timeZone" TEXT NOT NULL,
    "accountZone" BOOLEAN NOT NULL DEFAULT false,
    "allDay" BOOLEAN NOT NULL DEFAULT false,
    "recurrence" TEXT,
    "dueAt" TIMESTAMPTZ(3) NOT NULL,
    "state" TEXT NOT NULL,
    "snoozedUntil" TIMESTAMPTZ(3),
    "completedAt" TIMESTAMPTZ(3),
    "fireAt" TIMESTAMPTZ(3),
    "hiddenAt" TIMESTAMPTZ(3),
    "createdAt" TIMESTAMPTZ(3) NOT NULL,
    "updatedAt" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "reminders_pkey" PRIMARY KEY ("ownerId","id")
);

-- CreateTable
CREATE TABLE "search_terms" (
    "ownerId" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "term" TEXT NOT NULL,
    "contactId" UUID NOT NULL,
    "entityId" UUID NOT NULL,

    CONSTRAINT "search_terms_pkey" PRIMARY KEY ("ownerId","kind","term","contactId","entityId")
);

-- CreateTable
CREATE TABLE "search_variants" (
    "ownerId" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "variant" TEXT NOT NULL,
    "word" TEXT NOT NULL,

    CONSTRAINT "search_variants_pkey" PRIMARY KEY ("ownerId","kind","variant","word")
);

-- CreateTable
CREATE TABLE "api_tokens" (
    "ownerId" UUID NOT NULL,
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "prefix" TEXT NOT NULL,
    "tokenHash" BYTEA NOT NULL,
    "masterKeyId" TEXT NOT NULL,
    "scopes" TEXT[],
    "createdAt" TIMESTAMPTZ(3) NOT NULL,
    "expiresAt" TIMESTAMPTZ(3) NOT NULL,
    "lastUsedAt" TIMESTAMPTZ(3),

    CONSTRAINT "api_tokens_pkey" PRIMARY KEY ("ownerId","id")
);

-- CreateIndex
CREATE UNIQUE INDEX "accounts_ownerId_key" ON "accounts"("ownerId");

-- CreateIndex
CREATE INDEX "directory_subjects_ownerId_idx" ON "directory_subjects"("ownerId");

-- CreateIndex
CREATE UNIQUE INDEX "google_identities_ownerId_subject_key" ON "google_identities"("ownerId", "subject");

-- CreateIndex
CREATE INDEX "directory_credentials_ownerId_idx" ON "directory_credentials"("ownerId");

-- CreateIndex
CREATE INDEX "auth_flows_expiresAt_idx" ON "auth_flows"("expiresAt");

-- CreateIndex
CREATE INDEX "contacts_ownerId_sortName_id_idx" ON "contacts"("ownerId", "sortName", "id");

-- CreateIndex
CREATE INDEX "contacts_ownerId_familySortName_id_idx" ON "contacts"("ownerId", "familySortName", "id");

-- CreateIndex
CREATE INDEX "contacts_ownerId_createdAt_id_idx" ON "contacts"("ownerId", "createdAt", "id");

-- CreateIndex
CREATE INDEX "contacts_ownerId_updatedAt_id_idx" ON "contacts"("ownerId", "updatedAt", "id");

-- CreateIndex
CREATE INDEX "contacts_ownerId_lastInteractionAt_id_idx" ON "contacts"("ownerId", "lastInteractionAt", "id");

-- CreateIndex
CREATE INDEX "contacts_ownerId_followUpDueAt_id_idx" ON "contacts"("ownerId", "followUpDueAt", "id");

-- CreateIndex
CREATE INDEX "contact_emails_ownerId_contactId_idx" ON "contact_emails"("ownerId", "contactId");

-- CreateIndex
CREATE INDEX "contact_emails_ownerId_canonical_idx" ON "contact_emails"("ownerId", "canonical");

-- CreateIndex
CREATE INDEX "contact_emails_ownerId_addressFolded_idx" ON "contact_emails"("ownerId", "addressFolded");

-- CreateIndex
CREATE INDEX "contact_phones_ownerId_contactId_idx" ON "contact_phones"("ownerId", "contactId");

-- CreateIndex
CREATE INDEX "contact_phones_ownerId_e164_idx" ON "contact_phones"("ownerId", "e164");

-- CreateIndex
CREATE INDEX "contact_phones_ownerId_digits_idx" ON "contact_phones"("ownerId", "digits");

-- CreateIndex
CREATE INDEX "contact_addresses_ownerId_contactId_idx" ON "contact_addresses"("ownerId", "contactId");

-- CreateIndex
CREATE INDEX "contact_urls_ownerId_contactId_idx" ON "contact_urls"("ownerId", "contactId");

-- CreateIndex
CREATE INDEX "contact_organizations_ownerId_contactId_idx" ON "contact_organizations"("ownerId", "contactId");

-- CreateIndex
CREATE INDEX "contact_organizations_ownerId_nameFolded_idx" ON "contact_organizations"("ownerId", "nameFolded");

-- CreateIndex
CREATE INDEX "contact_dates_ownerId_contactId_idx" ON "contact_dates"("ownerId", "contactId");

-- CreateIndex
CREATE INDEX "contact_dates_ownerId_month_day_idx" ON "contact_dates"("ownerId", "month", "day");

-- CreateIndex
CREATE INDEX "contact_relations_ownerId_contactId_idx" ON "contact_relations"("ownerId", "contactId");

-- CreateIndex
CREATE INDEX "contact_relations_ownerId_relatedContactId_idx" ON "contact_relations"("ownerId", "relatedContactId");

-- CreateIndex
CREATE INDEX "contact_custom_fields_ownerId_contactId_idx" ON "contact_custom_fields"("ownerId", "contactId");

-- CreateIndex
CREATE UNIQUE INDEX "tags_ownerId_nameFolded_key" ON "tags"("ownerId", "nameFolded");

-- CreateIndex
CREATE INDEX "contact_tags_ownerId_tagId_idx" ON "contact_tags"("ownerId", "tagId");

-- CreateIndex
CREATE INDEX "contact_sources_ownerId_contactId_idx" ON "contact_sources"("ownerId", "contactId");

-- CreateIndex
CREATE UNIQUE INDEX "contact_sources_ownerId_kind_externalId_key" ON "contact_sources"("ownerId", "kind", "externalId");

-- CreateIndex
CREATE UNIQUE INDEX "avatars_ownerId_contactId_key" ON "avatars"("ownerId", "contactId");

-- CreateIndex
CREATE INDEX "contact_merges_ownerId_survivorId_idx" ON "contact_merges"("ownerId", "survivorId");

-- CreateIndex
CREATE INDEX "deliveries_ownerId_createdAt_id_idx" ON "deliveries"("ownerId", "createdAt", "id");

-- CreateIndex
CREATE UNIQUE INDEX "deliveries_ownerId_kind_entityId_occurrenceAt_key" ON "deliveries"("ownerId", "kind", "entityId", "occurrenceAt");

-- CreateIndex
CREATE INDEX "events_ownerId_entityId_idx" ON "events"("ownerId", "entityId");

-- CreateIndex
CREATE INDEX "outbox_notBefore_idx" ON "outbox"("notBefore");

-- CreateIndex
CREATE INDEX "directory_due_dueAt_idx" ON "directory_due"("dueAt");

-- CreateIndex
CREATE INDEX "import_runs_ownerId_createdAt_id_idx" ON "import_runs"("ownerId", "createdAt", "id");

-- CreateIndex
CREATE UNIQUE INDEX "google_grants_ownerId_key" ON "google_grants"("ownerId");

-- CreateIndex
CREATE UNIQUE INDEX "google_sync_states_ownerId_feature_key" ON "google_sync_states"("ownerId", "feature");

-- CreateIndex
CREATE INDEX "idempotent_answers_expiresAt_idx" ON "idempotent_answers"("expiresAt");

-- CreateIndex
CREATE UNIQUE INDEX "idempotent_answers_ownerId_keyHash_key" ON "idempotent_answers"("ownerId", "keyHash");

-- CreateIndex
CREATE INDEX "rate_limits_at_idx" ON "rate_limits"("at");

-- CreateIndex
CREATE INDEX "interactions_ownerId_occurredAt_id_idx" ON "interactions"("ownerId", "occurredAt", "id");

-- CreateIndex
CREATE UNIQUE INDEX "interactions_ownerId_source_externalId_key" ON "interactions"("ownerId", "source", "externalId");

-- CreateIndex
CREATE INDEX "interaction_contacts_ownerId_contactId_occurredAt_interacti_idx" ON "interaction_contacts"("ownerId", "contactId", "occurredAt", "interactionId");

-- CreateIndex
CREATE INDEX "interaction_participants_ownerId_interactionId_idx" ON "interaction_participants"("ownerId", "interactionId");

-- CreateIndex
CREATE INDEX "interaction_participants_ownerId_canonical_idx" ON "interaction_participants"("ownerId", "canonical");

-- CreateIndex
CREATE INDEX "interaction_participants_ownerId_contactId_idx" ON "interaction_participants"("ownerId", "contactId");

-- CreateIndex
CREATE INDEX "notes_ownerId_contactId_pinned_createdAt_id_idx" ON "notes"("ownerId", "contactId", "pinned", "createdAt", "id");

-- CreateIndex
CREATE INDEX "notes_ownerId_createdAt_id_idx" ON "notes"("ownerId", "createdAt", "id");

-- CreateIndex
CREATE INDEX "reminders_ownerId_dueAt_id_idx" ON "reminders"("ownerId", "dueAt", "id");

-- CreateIndex
CREATE INDEX "reminders_ownerId_contactId_dueAt_id_idx" ON "reminders"("ownerId", "contactId", "dueAt", "id");

-- CreateIndex
CREATE INDEX "search_terms_ownerId_contactId_entityId_idx" ON "search_terms"("ownerId", "contactId", "entityId");

-- CreateIndex
CREATE INDEX "search_variants_ownerId_word_idx" ON "search_variants"("ownerId", "word");

-- AddForeignKey
ALTER TABLE "contact_emails" ADD CONSTRAINT "contact_emails_ownerId_contactId_fkey" FOREIGN KEY ("ownerId", "contactId") REFERENCES "contacts"("ownerId", "id") ON DELETE CASCADE ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "contact_phones" ADD CONSTRAINT "contact_phones_ownerId_contactId_fkey" FOREIGN KEY ("ownerId", "contactId") REFERENCES "contacts"("ownerId", "id") ON DELETE CASCADE ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "contact_addresses" ADD CONSTRAINT "contact_addresses_ownerId_contactId_fkey" FOREIGN KEY ("ownerId", "contactId") REFERENCES "contacts"("ownerId", "id") ON DELETE CASCADE ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "contact_urls" ADD CONSTRAINT "contact_urls_ownerId_contactId_fkey" FOREIGN KEY ("ownerId", "contactId") REFERENCES "contacts"("ownerId", "id") ON DELETE CASCADE ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "contact_organizations" ADD CONSTRAINT "contact_organizations_ownerId_contactId_fkey" FOREIGN KEY ("ownerId", "contactId") REFERENCES "contacts"("ownerId", "id") ON DELETE CASCADE ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "contact_dates" ADD CONSTRAINT "contact_dates_ownerId_contactId_fkey" FOREIGN KEY ("ownerId", "contactId") REFERENCES "contacts"("ownerId", "id") ON DELETE CASCADE ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "contact_relations" ADD CONSTRAINT "contact_relations_ownerId_contactId_fkey" FOREIGN KEY ("ownerId", "contactId") REFERENCES "contacts"("ownerId", "id") ON DELETE CASCADE ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "contact_custom_fields" ADD CONSTRAINT "contact_custom_fields_ownerId_contactId_fkey" FOREIGN KEY ("ownerId", "contactId") REFERENCES "contacts"("ownerId", "id") ON DELETE CASCADE ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "contact_tags" ADD CONSTRAINT "contact_tags_ownerId_contactId_fkey" FOREIGN KEY ("ownerId", "contactId") REFERENCES "contacts"("ownerId", "id") ON DELETE CASCADE ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "contact_tags" ADD CONSTRAINT "contact_tags_ownerId_tagId_fkey" FOREIGN KEY ("ownerId", "tagId") REFERENCES "tags"("ownerId", "id") ON DELETE CASCADE ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "contact_sources" ADD CONSTRAINT "contact_sources_ownerId_contactId_fkey" FOREIGN KEY ("ownerId", "contactId") REFERENCES "contacts"("ownerId", "id") ON DELETE CASCADE ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "contact_removed_values" ADD CONSTRAINT "contact_removed_values_ownerId_contactId_fkey" FOREIGN KEY ("ownerId", "contactId") REFERENCES "contacts"("ownerId", "id") ON DELETE CASCADE ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "avatars" ADD CONSTRAINT "avatars_ownerId_contactId_fkey" FOREIGN KEY ("ownerId", "contactId") REFERENCES "contacts"("ownerId", "id") ON DELETE CASCADE ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "import_rows" ADD CONSTRAINT "import_rows_ownerId_importId_fkey" FOREIGN KEY ("ownerId", "importId") REFERENCES "import_runs"("ownerId", "id") ON DELETE CASCADE ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "interaction_contacts" ADD CONSTRAINT "interaction_contacts_ownerId_interactionId_fkey" FOREIGN KEY ("ownerId", "interactionId") REFERENCES "interactions"("ownerId", "id") ON DELETE CASCADE ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "interaction_contacts" ADD CONSTRAINT "interaction_contacts_ownerId_contactId_fkey" FOREIGN KEY ("ownerId", "contactId") REFERENCES "contacts"("ownerId", "id") ON DELETE CASCADE ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "interaction_participants" ADD CONSTRAINT "interaction_participants_ownerId_interactionId_fkey" FOREIGN KEY ("ownerId", "interactionId") REFERENCES "interactions"("ownerId", "id") ON DELETE CASCADE ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "notes" ADD CONSTRAINT "notes_ownerId_contactId_fkey" FOREIGN KEY ("ownerId", "contactId") REFERENCES "contacts"("ownerId", "id") ON DELETE CASCADE ON UPDATE NO ACTION;

-- AddForeignKey
ALTER TABLE "reminders" ADD CONSTRAINT "reminders_ownerId_contactId_fkey" FOREIGN KEY ("ownerId", "contactId") REFERENCES "contacts"("ownerId", "id") ON DELETE NO ACTION ON UPDATE NO ACTION;

-- by hand
-- A crash refills the buckets, and writing them costs no log.
ALTER TABLE "rate_limits" SET UNLOGGED;

ALTER TABLE directory_credentials ADD CONSTRAINT directory_credentials_kind CHECK (kind IN ('session', 'token'));
-- Names are compared and ordered by code point: what makes case and accents alike has been done to them already.
ALTER TABLE contacts ALTER COLUMN "sortName" TYPE text COLLATE "C", ALTER COLUMN "familySortName" TYPE text COLLATE "C";
ALTER TABLE contact_emails ALTER COLUMN normalized TYPE text COLLATE "C", ALTER COLUMN canonical TYPE text COLLATE "C", ALTER COLUMN "addressFolded" TYPE text COLLATE "C";
ALTER TABLE contact_phones ALTER COLUMN e164 TYPE text COLLATE "C", ALTER COLUMN digits TYPE text COLLATE "C";
ALTER TABLE contact_organizations ALTER COLUMN "nameFolded" TYPE text COLLATE "C";
ALTER TABLE tags ALTER COLUMN "nameFolded" TYPE text COLLATE "C";
-- Unique among what is not deleted: a reference is free again once its contact lies in the bin.
CREATE UNIQUE INDEX contacts_external_reference ON contacts ("ownerId", "externalReference") WHERE "deletedAt" IS NULL;
-- A contact found by its source's id, whatever the kind.
CREATE INDEX contact_sources_external_id ON contact_sources ("ownerId", "externalId");
ALTER TABLE contact_emails ADD CONSTRAINT contact_emails_source CHECK (source IN ('MANUAL', 'GOOGLE', 'IMPORT'));
ALTER TABLE contact_phones ADD CONSTRAINT contact_phones_source CHECK (source IN ('MANUAL', 'GOOGLE', 'IMPORT'));
ALTER TABLE contact_addresses ADD CONSTRAINT contact_addresses_source CHECK (source IN ('MANUAL', 'GOOGLE', 'IMPORT'));
ALTER TABLE contact_urls ADD CONSTRAINT contact_urls_source CHECK (source IN ('MANUAL', 'GOOGLE', 'IMPORT'));
ALTER TABLE contact_organizations ADD CONSTRAINT contact_organizations_source CHECK (source IN ('MANUAL', 'GOOGLE', 'IMPORT'));
ALTER TABLE contact_dates ADD CONSTRAINT contact_dates_source CHECK (source IN ('MANUAL', 'GOOGLE', 'IMPORT'));
ALTER TABLE contact_relations ADD CONSTRAINT contact_relations_source CHECK (source IN ('MANUAL', 'GOOGLE', 'IMPORT'));
ALTER TABLE contact_custom_fields ADD CONSTRAINT contact_custom_fields_source CHECK (source IN ('MANUAL', 'GOOGLE', 'IMPORT'));
ALTER TABLE contact_tags ADD CONSTRAINT contact_tags_source CHECK (source IN ('MANUAL', 'GOOGLE', 'IMPORT'));
ALTER TABLE contact_sources ADD CONSTRAINT contact_sources_kind CHECK (kind IN ('MANUAL', 'GOOGLE', 'IMPORT'));
ALTER TABLE source_tombstones ADD CONSTRAINT source_tombstones_kind CHECK (kind IN ('GOOGLE', 'IMPORT'));
ALTER TABLE avatars ADD CONSTRAINT avatars_source CHECK (source IN ('MANUAL', 'GOOGLE', 'IMPORT'));
ALTER TABLE contact_dates ADD CONSTRAINT contact_dates_kind CHECK (kind IN ('BIRTHDAY', 'ANNIVERSARY', 'OTHER'));
ALTER TABLE deliveries ADD CONSTRAINT deliveries_kind CHECK (kind IN ('REMINDER', 'FOLLOW_UP_ALERT', 'DIGEST'));
ALTER TABLE deliveries ADD CONSTRAINT deliveries_state CHECK (state IN ('PENDING', 'SENT', 'FAILED'));
ALTER TABLE interactions ADD CONSTRAINT interactions_kind CHECK (kind IN ('EMAIL', 'MEETING', 'CALL', 'MESSAGE', 'IN_PERSON', 'SOCIAL', 'OTHER'));
ALTER TABLE interactions ADD CONSTRAINT interactions_direction CHECK (direction IN ('INBOUND', 'OUTBOUND', 'MUTUAL'));
ALTER TABLE interactions ADD CONSTRAINT interactions_source CHECK (source IN ('GMAIL', 'CALENDAR', 'MANUAL'));
ALTER TABLE interaction_participants ADD CONSTRAINT interaction_participants_role CHECK (role IN ('FROM', 'TO', 'CC', 'BCC', 'ORGANIZER', 'ATTENDEE'));
ALTER TABLE reminders ADD CONSTRAINT reminders_state CHECK (state IN ('OPEN', 'SNOOZED', 'DONE'));
-- Terms are compared and ranged over by code point.
ALTER TABLE search_terms ALTER COLUMN term TYPE text COLLATE "C";
ALTER TABLE search_terms ADD CONSTRAINT search_terms_kind CHECK (kind IN ('name', 'email', 'organization', 'tag', 'phone', 'phoneEnd', 'phonetic', 'typo', 'sealed'));

ALTER TABLE search_variants ALTER COLUMN variant TYPE text COLLATE "C", ALTER COLUMN word TYPE text COLLATE "C";
ALTER TABLE search_variants ADD CONSTRAINT search_variants_kind CHECK (kind IN ('phonetic', 'typo'));
ALTER TABLE search_terms DROP CONSTRAINT search_terms_kind;
ALTER TABLE search_terms ADD CONSTRAINT search_terms_kind CHECK (kind IN ('name', 'email', 'domain', 'organization', 'tag', 'phone', 'phoneEnd', 'sealed'));
