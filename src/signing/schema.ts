import { builder } from '../graphql/builder.ts'
import type { PublicSigningKey } from '../vault/signing.ts'

const SigningKey = builder.objectRef<PublicSigningKey>('SigningKey').implement({
  description: 'The public half of a key by which receipts, certificates and manifests can be verified without asking Kith.',
  fields: (t) => ({
    id: t.exposeString('id', { description: 'Its thumbprint (RFC 7638): the `kid` of what it has signed.' }),
    publicKey: t.string({
      description: 'The Ed25519 public key, 32 bytes in base64url.',
      resolve: ({ publicKey }) => Buffer.from(publicKey).toString('base64url'),
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'Since when it signs.' }),
    retiredAt: t.expose('retiredAt', { type: 'DateTime', nullable: true, description: 'Since when it signs nothing more; null for the current one.' }),
  }),
})

builder.queryField('signingKeys', (t) =>
  t.field({
    type: [SigningKey],
    description: 'Every key that Kith has signed with, the current one first; /.well-known/jwks.json has the same. Public.',
    extensions: { scope: 'public' },
    skipTypeScopes: true,
    resolve: (_root, _args, ctx) => ctx.app.signing.publicKeys(),
  }),
)
