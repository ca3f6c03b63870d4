/* eslint-disable */
/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
import type { TypedQueryDocumentNode as DocumentNode } from 'graphql';
/** A postal address; at least one part besides the label. */
export type ContactAddressInput = {
  /** Town. */
  city?: string | null | undefined;
  /** Country, in words. */
  country?: string | null | undefined;
  /** Country by ISO 3166, such as DE. */
  countryCode?: string | null | undefined;
  /** Flat, floor or building. */
  extended?: string | null | undefined;
  /** The entry that this one replaces, so that it keeps its id; without it, an entry of the same value does. */
  id?: string | number | null | undefined;
  /** Home, work or any other word; at most 100 characters. */
  label?: string | null | undefined;
  /** Post office box. */
  poBox?: string | null | undefined;
  /** Postal code. */
  postalCode?: string | null | undefined;
  /** State or province. */
  region?: string | null | undefined;
  /** Street and number; may have several lines. */
  street?: string | null | undefined;
};

/** A new contact: at least a name, an e-mail address, a phone number or an organisation. */
export type ContactCreateInput = {
  /** Free text, at most 50,000 characters. Sealed at rest. */
  about?: string | null | undefined;
  /** Postal addresses, at most 100. */
  addresses?: Array<ContactAddressInput> | null | undefined;
  /** Fields of one’s own naming, at most 100. */
  customFields?: Array<ContactCustomFieldInput> | null | undefined;
  /** Birthday and other dates, at most 100. */
  dates?: Array<ContactDateInput> | null | undefined;
  /** What it is called, where that does not follow from the name; null lets it follow again. At most 200 characters. */
  displayName?: string | null | undefined;
  /** E-mail addresses, at most 100. */
  emails?: Array<ContactEmailInput> | null | undefined;
  /** What another system calls it; unique among the contacts outside the bin. At most 200 characters. */
  externalReference?: string | null | undefined;
  /** Its name in parts. */
  name?: ContactNameInput | null | undefined;
  /** Places of work, at most 100. */
  organizations?: Array<ContactOrganizationInput> | null | undefined;
  /** Phone numbers, at most 100. */
  phones?: Array<ContactPhoneInput> | null | undefined;
  /** Whom it is related to, at most 100. */
  relations?: Array<ContactRelationInput> | null | undefined;
  /** Whether it is one of the favourites. */
  starred?: boolean | null | undefined;
  /** Tags, at most 100 of at most 100 characters; case and accents make no new tag. */
  tags?: Array<string> | null | undefined;
  /** Web addresses, at most 100. */
  urls?: Array<ContactUrlInput> | null | undefined;
};

/** A field of one’s own naming. Sealed at rest. */
export type ContactCustomFieldInput = {
  /** The entry that this one replaces, so that it keeps its id; without it, an entry of the same value does. */
  id?: string | number | null | undefined;
  /** What the field is called; at most 100 characters. */
  name: string;
  /** What it says; at most 10,000 characters. */
  value: string;
};

/** A date of a contact’s life. */
export type ContactDateInput = {
  /** The day, as far as it is known. */
  date: PartialDateInput;
  /** The entry that this one replaces, so that it keeps its id; without it, an entry of the same value does. */
  id?: string | number | null | undefined;
  /** What it stands for. */
  kind: ContactDateKind;
  /** What an OTHER date is; at most 100 characters. */
  label?: string | null | undefined;
};

/** What a date stands for. */
export type ContactDateKind =
  /** Wedding or another anniversary. */
  | 'ANNIVERSARY'
  /** Birthday. */
  | 'BIRTHDAY'
  /** What its label says. */
  | 'OTHER';

/** An e-mail address. */
export type ContactEmailInput = {
  /** The address. */
  address: string;
  /** The entry that this one replaces, so that it keeps its id; without it, an entry of the same value does. */
  id?: string | number | null | undefined;
  /** Home, work or any other word; at most 100 characters. */
  label?: string | null | undefined;
  /** Whether it is the one to write to; at most one of a list is. Where none is, the one that was, else the first. */
  primary?: boolean | null | undefined;
};

/** Which contacts: every part that is given holds. On e-mails, phones, tags and organisations: some one value fits eq, in, contains and startsWith; neq and nin: no value does; isNull: there is none. At most 5 levels deep, 50 parts. */
export type ContactFilter = {
  /** All of these hold. */
  and?: Array<ContactFilter> | null | undefined;
  /** What it is called. */
  displayName?: StringFilter | null | undefined;
  /** One of its e-mail addresses. */
  email?: StringFilter | null | undefined;
  /** When one wants to be in touch again. */
  followUpDueAt?: DateTimeFilter | null | undefined;
  /** When one was last in touch. */
  lastInteractionAt?: DateTimeFilter | null | undefined;
  /** This does not hold. */
  not?: ContactFilter | null | undefined;
  /** At least one of these holds; of none, none does. */
  or?: Array<ContactFilter> | null | undefined;
  /** The name of one of its organisations. */
  organization?: StringFilter | null | undefined;
  /** One of its phone numbers, in any writing: only the digits count. */
  phone?: StringFilter | null | undefined;
  /** One of its tags. */
  tag?: StringFilter | null | undefined;
};

/** A name in parts, each of at most 200 characters. In an update, what is left out stays, and null clears. */
export type ContactNameInput = {
  /** Family name. */
  family?: string | null | undefined;
  /** Given name. */
  given?: string | null | undefined;
  /** Further given names. */
  middle?: string | null | undefined;
  /** What friends say. */
  nickname?: string | null | undefined;
  /** How the family name is spoken. */
  phoneticFamily?: string | null | undefined;
  /** How the given name is spoken. */
  phoneticGiven?: string | null | undefined;
  /** Such as Dr. */
  prefix?: string | null | undefined;
  /** Such as Jr. */
  suffix?: string | null | undefined;
};

/** One key of an order. */
export type ContactOrder = {
  /** Which way; ASC where nothing is said. */
  direction?: SortDirection | null | undefined;
  /** By what. */
  field: ContactOrderField;
  /** Where those without a value stand; LAST where nothing is said, in both directions. */
  nulls?: NullsOrder | null | undefined;
};

/** What contacts can be ordered by. */
export type ContactOrderField =
  /** When they were made. */
  | 'CREATED_AT'
  /** What they are called; case and accents do not matter. */
  | 'DISPLAY_NAME'
  /** Family name, then given name; absent where there is no family name. */
  | 'FAMILY_NAME'
  /** When one wants to be in touch again. */
  | 'FOLLOW_UP_DUE_AT'
  /** When one was last in touch. */
  | 'LAST_INTERACTION_AT'
  /** When they were last changed. */
  | 'UPDATED_AT';

/** A place of work; at least one part. */
export type ContactOrganizationInput = {
  /** Department. */
  department?: string | null | undefined;
  /** The entry that this one replaces, so that it keeps its id; without it, an entry of the same value does. */
  id?: string | number | null | undefined;
  /** What it is called. */
  name?: string | null | undefined;
  /** The contact’s post there. */
  title?: string | null | undefined;
};

/** A phone number. */
export type ContactPhoneInput = {
  /** The entry that this one replaces, so that it keeps its id; without it, an entry of the same value does. */
  id?: string | number | null | undefined;
  /** Home, work or any other word; at most 100 characters. */
  label?: string | null | undefined;
  /** In any writing; without a country code it is read as one of the account’s region. */
  number: string;
  /** Whether it is the one to call; at most one of a list is. Where none is, the one that was, else the first. */
  primary?: boolean | null | undefined;
};

/** Somebody a contact is related to. */
export type ContactRelationInput = {
  /** Their own contact, by id or ref: and external reference. */
  contactId?: string | number | null | undefined;
  /** The entry that this one replaces, so that it keeps its id; without it, an entry of the same value does. */
  id?: string | number | null | undefined;
  /** A word such as spouse or manager. */
  kind?: string | null | undefined;
  /** What they are called; where it is left out, what the contact is called now. */
  name?: string | null | undefined;
};

/** A web address. */
export type ContactUrlInput = {
  /** The entry that this one replaces, so that it keeps its id; without it, an entry of the same value does. */
  id?: string | number | null | undefined;
  /** Home, work or any other word; at most 100 characters. */
  label?: string | null | undefined;
  /** With or without https://; also mailto:, tel: and the like. At most 2,000 characters. */
  url: string;
};

/** Comparators of an instant; all of them hold. */
export type DateTimeFilter = {
  /** After. */
  gt?: string | null | undefined;
  /** At or after. */
  gte?: string | null | undefined;
  /** Is absent (true) or present (false). */
  isNull?: boolean | null | undefined;
  /** Before. */
  lt?: string | null | undefined;
  /** At or before. */
  lte?: string | null | undefined;
};

/** What kind of refusal an error is. */
export type ErrorCode =
  /** The change clashes with the present state. */
  | 'CONFLICT'
  /** The caller may not do this. */
  | 'FORBIDDEN'
  /** The input breaks a rule; `issues` names each field. */
  | 'INVALID_INPUT'
  /** There is no such thing, or it is not yours. */
  | 'NOT_FOUND';

/** Who reached out. */
export type InteractionDirection =
  /** The contact did. */
  | 'INBOUND'
  /** Both, as in a meeting. */
  | 'MUTUAL'
  /** The owner did. */
  | 'OUTBOUND';

/** How one was in touch. */
export type InteractionKind =
  /** A call. */
  | 'CALL'
  /** An e-mail. */
  | 'EMAIL'
  /** Seen each other. */
  | 'IN_PERSON'
  /** A meeting, in a calendar or by hand. */
  | 'MEETING'
  /** A message on some messenger. */
  | 'MESSAGE'
  /** In some other way. */
  | 'OTHER'
  /** On a social network. */
  | 'SOCIAL';

/** That one was in touch. */
export type InteractionLogInput = {
  /** With whom, 1 to 100 contacts. */
  contactIds: Array<string | number>;
  /** Who reached out; where it is left out, both for meetings, calls and encounters, else the owner. */
  direction?: InteractionDirection | null | undefined;
  /** When it ended. */
  endedAt?: string | null | undefined;
  /** How. */
  kind: InteractionKind;
  /** Becomes a note of each contact. Markdown. A token needs notes:write for it. */
  note?: string | null | undefined;
  /** When it happened or began; not in the future. */
  occurredAt: string;
  /** What it was about, at most 1,000 characters. */
  subject?: string | null | undefined;
};

/** A new note. */
export type NoteCreateInput = {
  /** Markdown, at most 100,000 characters. */
  body: string;
  /** Whom it is about. */
  contactId: string | number;
  /** Whether it stands above the others; false where it is left out. */
  pinned?: boolean | null | undefined;
};

/** Where those without a value stand. */
export type NullsOrder =
  /** Before all others. */
  | 'FIRST'
  /** After all others. */
  | 'LAST';

/** A day of which a part may be unknown; a day of a year needs its month. */
export type PartialDateInput = {
  /** Day of the month. */
  day?: number | null | undefined;
  /** Month, 1 to 12. */
  month?: number | null | undefined;
  /** Year, 1 to 9999. */
  year?: number | null | undefined;
};

/** A new reminder. */
export type ReminderCreateInput = {
  /** Whether it is for a whole day. */
  allDay?: boolean | null | undefined;
  /** Whom it is about. */
  contactId?: string | number | null | undefined;
  /** More about it, at most 20,000 characters. */
  details?: string | null | undefined;
  /** A wall time such as 2027-03-28T02:30, or a date where it is for all day. A time that clocks skip moves forward by what they skip; one that comes twice is the first. */
  dueAt: string;
  /** An RFC 5545 recurrence rule, such as FREQ=MONTHLY;BYDAY=1MO. */
  recurrence?: string | null | undefined;
  /** An IANA time zone; the account’s where it is left out. */
  timeZone?: string | null | undefined;
  /** What to be reminded of, at most 500 characters. */
  title: string;
};

/** How a reminder stands. */
export type ReminderState =
  /** Done, with no occurrence left. */
  | 'DONE'
  /** To be done. */
  | 'OPEN'
  /** Put off. */
  | 'SNOOZED';

/** Which way an order goes. */
export type SortDirection =
  /** Smallest, earliest, A first. */
  | 'ASC'
  /** Largest, latest, Z first. */
  | 'DESC';

/** Comparators of a text; case and accents do not matter. On a list of values: true if some value fits; neq and nin: no value does; isNull: there is none. */
export type StringFilter = {
  /** Has this somewhere in it. */
  contains?: string | null | undefined;
  /** Is this. */
  eq?: string | null | undefined;
  /** Is one of these, at most 100. */
  in?: Array<string> | null | undefined;
  /** Is absent (true) or present (false). */
  isNull?: boolean | null | undefined;
  /** Is not this. */
  neq?: string | null | undefined;
  /** Is none of these, at most 100. */
  nin?: Array<string> | null | undefined;
  /** Begins with this. */
  startsWith?: string | null | undefined;
};

export type ViewerQueryVariables = Exact<{ [key: string]: never; }>;


export type ViewerQuery = { viewer: { id: string, email: string, name: string | null, timeZone: string, usage: { contactCount: number, noteCount: number } } | null };

export type ContactPageQueryVariables = Exact<{
  first?: number | null | undefined;
  after?: string | null | undefined;
  search?: string | null | undefined;
  filter?: ContactFilter | null | undefined;
  orderBy?: Array<ContactOrder> | ContactOrder | null | undefined;
}>;


export type ContactPageQuery = { contacts: { totalCount: number, nodes: Array<{ id: string, displayName: string, starred: boolean, tags: Array<string>, emails: Array<{ address: string, label: string | null, primary: boolean }>, phones: Array<{ number: string, e164: string | null }> }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } };

export type ContactDetailQueryVariables = Exact<{
  id: string | number;
}>;


export type ContactDetailQuery = { contact: { about: string | null, lastInteractionAt: string | null, id: string, displayName: string, starred: boolean, tags: Array<string>, notes: { nodes: Array<{ id: string, body: string, pinned: boolean }> }, reminders: { nodes: Array<{ id: string, title: string, dueAt: string, state: ReminderState }> }, interactions: { nodes: Array<{ id: string, kind: InteractionKind, occurredAt: string, subject: string | null }> }, followUp: { every: string, dueAt: string, overdue: boolean } | null, emails: Array<{ address: string, label: string | null, primary: boolean }>, phones: Array<{ number: string, e164: string | null }> } | null };

export type ContactCardFragment = { id: string, displayName: string, starred: boolean, tags: Array<string>, emails: Array<{ address: string, label: string | null, primary: boolean }>, phones: Array<{ number: string, e164: string | null }> };

type Refusal_ConflictError_Fragment = { __typename: 'ConflictError', code: ErrorCode, message: string };

type Refusal_ForbiddenError_Fragment = { __typename: 'ForbiddenError', code: ErrorCode, message: string };

type Refusal_InvalidInputError_Fragment = { __typename: 'InvalidInputError', code: ErrorCode, message: string };

type Refusal_NotFoundError_Fragment = { __typename: 'NotFoundError', code: ErrorCode, message: string };

export type RefusalFragment =
  | Refusal_ConflictError_Fragment
  | Refusal_ForbiddenError_Fragment
  | Refusal_InvalidInputError_Fragment
  | Refusal_NotFoundError_Fragment
;

export type ContactCreateMutationVariables = Exact<{
  input: ContactCreateInput;
}>;


export type ContactCreateMutation = { contactCreate:
    | { __typename: 'Contact', id: string, displayName: string, starred: boolean, tags: Array<string>, emails: Array<{ address: string, label: string | null, primary: boolean }>, phones: Array<{ number: string, e164: string | null }> }
    | { __typename: 'InvalidInputError', code: ErrorCode, message: string, issues: Array<{ path: Array<string>, message: string }> }
   };

export type NoteCreateMutationVariables = Exact<{
  input: NoteCreateInput;
}>;


export type NoteCreateMutation = { noteCreate:
    | { __typename: 'InvalidInputError', code: ErrorCode, message: string }
    | { __typename: 'NotFoundError', code: ErrorCode, message: string }
    | { __typename: 'Note', id: string, body: string, contact: { id: string } }
   };

export type ReminderCreateMutationVariables = Exact<{
  input: ReminderCreateInput;
}>;


export type ReminderCreateMutation = { reminderCreate:
    | { __typename: 'InvalidInputError', code: ErrorCode, message: string }
    | { __typename: 'NotFoundError', code: ErrorCode, message: string }
    | { __typename: 'Reminder', id: string, title: string, dueAt: string, dueLocal: string, state: ReminderState }
   };

export type InteractionLogMutationVariables = Exact<{
  input: InteractionLogInput;
}>;


export type InteractionLogMutation = { interactionLog:
    | { __typename: 'Interaction', id: string, kind: InteractionKind, occurredAt: string }
    | { __typename: 'InvalidInputError', code: ErrorCode, message: string }
    | { __typename: 'NotFoundError', code: ErrorCode, message: string }
   };

export const ContactCardFragmentDoc = {"kind":"Document","definitions":[{"kind":"FragmentDefinition","name":{"kind":"Name","value":"ContactCard"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Contact"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"displayName"}},{"kind":"Field","name":{"kind":"Name","value":"starred"}},{"kind":"Field","name":{"kind":"Name","value":"tags"}},{"kind":"Field","name":{"kind":"Name","value":"emails"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"address"}},{"kind":"Field","name":{"kind":"Name","value":"label"}},{"kind":"Field","name":{"kind":"Name","value":"primary"}}]}},{"kind":"Field","name":{"kind":"Name","value":"phones"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"number"}},{"kind":"Field","name":{"kind":"Name","value":"e164"}}]}}]}}]} as unknown as DocumentNode<ContactCardFragment, unknown>;
export const RefusalFragmentDoc = {"kind":"Document","definitions":[{"kind":"FragmentDefinition","name":{"kind":"Name","value":"Refusal"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Error"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}}]}}]} as unknown as DocumentNode<RefusalFragment, unknown>;
export const ViewerDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"Viewer"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"viewer"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"email"}},{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"timeZone"}},{"kind":"Field","name":{"kind":"Name","value":"usage"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"contactCount"}},{"kind":"Field","name":{"kind":"Name","value":"noteCount"}}]}}]}}]}}]} as unknown as DocumentNode<ViewerQuery, ViewerQueryVariables>;
export const ContactPageDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"ContactPage"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"first"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"Int"}},"defaultValue":{"kind":"IntValue","value":"25"}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"after"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"search"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"filter"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"ContactFilter"}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"orderBy"}},"type":{"kind":"ListType","type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ContactOrder"}}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"contacts"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"Variable","name":{"kind":"Name","value":"first"}}},{"kind":"Argument","name":{"kind":"Name","value":"after"},"value":{"kind":"Variable","name":{"kind":"Name","value":"after"}}},{"kind":"Argument","name":{"kind":"Name","value":"search"},"value":{"kind":"Variable","name":{"kind":"Name","value":"search"}}},{"kind":"Argument","name":{"kind":"Name","value":"filter"},"value":{"kind":"Variable","name":{"kind":"Name","value":"filter"}}},{"kind":"Argument","name":{"kind":"Name","value":"orderBy"},"value":{"kind":"Variable","name":{"kind":"Name","value":"orderBy"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"totalCount"}},{"kind":"Field","name":{"kind":"Name","value":"nodes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"ContactCard"}}]}},{"kind":"Field","name":{"kind":"Name","value":"pageInfo"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"hasNextPage"}},{"kind":"Field","name":{"kind":"Name","value":"endCursor"}}]}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"ContactCard"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Contact"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"displayName"}},{"kind":"Field","name":{"kind":"Name","value":"starred"}},{"kind":"Field","name":{"kind":"Name","value":"tags"}},{"kind":"Field","name":{"kind":"Name","value":"emails"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"address"}},{"kind":"Field","name":{"kind":"Name","value":"label"}},{"kind":"Field","name":{"kind":"Name","value":"primary"}}]}},{"kind":"Field","name":{"kind":"Name","value":"phones"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"number"}},{"kind":"Field","name":{"kind":"Name","value":"e164"}}]}}]}}]} as unknown as DocumentNode<ContactPageQuery, ContactPageQueryVariables>;
export const ContactDetailDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"ContactDetail"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"id"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ID"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"contact"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"id"},"value":{"kind":"Variable","name":{"kind":"Name","value":"id"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"ContactCard"}},{"kind":"Field","name":{"kind":"Name","value":"about"}},{"kind":"Field","name":{"kind":"Name","value":"lastInteractionAt"}},{"kind":"Field","name":{"kind":"Name","value":"notes"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"IntValue","value":"10"}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"nodes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"body"}},{"kind":"Field","name":{"kind":"Name","value":"pinned"}}]}}]}},{"kind":"Field","name":{"kind":"Name","value":"reminders"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"IntValue","value":"10"}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"nodes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"title"}},{"kind":"Field","name":{"kind":"Name","value":"dueAt"}},{"kind":"Field","name":{"kind":"Name","value":"state"}}]}}]}},{"kind":"Field","name":{"kind":"Name","value":"interactions"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"IntValue","value":"10"}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"nodes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"kind"}},{"kind":"Field","name":{"kind":"Name","value":"occurredAt"}},{"kind":"Field","name":{"kind":"Name","value":"subject"}}]}}]}},{"kind":"Field","name":{"kind":"Name","value":"followUp"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"every"}},{"kind":"Field","name":{"kind":"Name","value":"dueAt"}},{"kind":"Field","name":{"kind":"Name","value":"overdue"}}]}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"ContactCard"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Contact"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"displayName"}},{"kind":"Field","name":{"kind":"Name","value":"starred"}},{"kind":"Field","name":{"kind":"Name","value":"tags"}},{"kind":"Field","name":{"kind":"Name","value":"emails"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"address"}},{"kind":"Field","name":{"kind":"Name","value":"label"}},{"kind":"Field","name":{"kind":"Name","value":"primary"}}]}},{"kind":"Field","name":{"kind":"Name","value":"phones"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"number"}},{"kind":"Field","name":{"kind":"Name","value":"e164"}}]}}]}}]} as unknown as DocumentNode<ContactDetailQuery, ContactDetailQueryVariables>;
export const ContactCreateDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"ContactCreate"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ContactCreateInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"contactCreate"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"FragmentSpread","name":{"kind":"Name","value":"ContactCard"}},{"kind":"FragmentSpread","name":{"kind":"Name","value":"Refusal"}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"InvalidInputError"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"issues"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"path"}},{"kind":"Field","name":{"kind":"Name","value":"message"}}]}}]}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"ContactCard"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Contact"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"displayName"}},{"kind":"Field","name":{"kind":"Name","value":"starred"}},{"kind":"Field","name":{"kind":"Name","value":"tags"}},{"kind":"Field","name":{"kind":"Name","value":"emails"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"address"}},{"kind":"Field","name":{"kind":"Name","value":"label"}},{"kind":"Field","name":{"kind":"Name","value":"primary"}}]}},{"kind":"Field","name":{"kind":"Name","value":"phones"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"number"}},{"kind":"Field","name":{"kind":"Name","value":"e164"}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"Refusal"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Error"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}}]}}]} as unknown as DocumentNode<ContactCreateMutation, ContactCreateMutationVariables>;
export const NoteCreateDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"NoteCreate"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"NoteCreateInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"noteCreate"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Note"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"body"}},{"kind":"Field","name":{"kind":"Name","value":"contact"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}}]}}]}},{"kind":"FragmentSpread","name":{"kind":"Name","value":"Refusal"}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"Refusal"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Error"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}}]}}]} as unknown as DocumentNode<NoteCreateMutation, NoteCreateMutationVariables>;
export const ReminderCreateDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"ReminderCreate"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ReminderCreateInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"reminderCreate"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Reminder"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"title"}},{"kind":"Field","name":{"kind":"Name","value":"dueAt"}},{"kind":"Field","name":{"kind":"Name","value":"dueLocal"}},{"kind":"Field","name":{"kind":"Name","value":"state"}}]}},{"kind":"FragmentSpread","name":{"kind":"Name","value":"Refusal"}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"Refusal"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Error"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}}]}}]} as unknown as DocumentNode<ReminderCreateMutation, ReminderCreateMutationVariables>;
export const InteractionLogDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"InteractionLog"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"InteractionLogInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"interactionLog"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Interaction"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"kind"}},{"kind":"Field","name":{"kind":"Name","value":"occurredAt"}}]}},{"kind":"FragmentSpread","name":{"kind":"Name","value":"Refusal"}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"Refusal"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Error"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}}]}}]} as unknown as DocumentNode<InteractionLogMutation, InteractionLogMutationVariables>;