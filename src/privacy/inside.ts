import type { Ctx } from '../core/ctx.ts'
import type { PrivacyRequest } from '../db/generated/prisma/client.ts'
import { controllerVault } from './controller.ts'
import { Decision, type PartDecision } from './decision.ts'
import { Details } from './details.ts'

/** What a request asks for beyond its type; nothing once its words are forgotten. */
export async function detailsOf(ctx: Pick<Ctx, 'app'>, request: Pick<PrivacyRequest, 'id' | 'details'>): Promise<Details> {
  const details = (await controllerVault(ctx.app)).openMaybe('PrivacyRequest.details', request.id, request.details)
  return Details.parse(details === null ? {} : JSON.parse(details))
}

/** What was decided on a request; nothing while nothing was. */
export async function decisionOf(ctx: Pick<Ctx, 'app'>, request: Pick<PrivacyRequest, 'id' | 'decision'>): Promise<readonly PartDecision[]> {
  const decision = (await controllerVault(ctx.app)).openMaybe('PrivacyRequest.decision', request.id, request.decision)
  return decision === null ? [] : Decision.parse(JSON.parse(decision))
}

/** Where answers to a request go; null once that is forgotten. */
export async function replyAddressOf(ctx: Pick<Ctx, 'app'>, request: Pick<PrivacyRequest, 'id' | 'replyTo'>): Promise<string | null> {
  return (await controllerVault(ctx.app)).openMaybe('PrivacyRequest.replyTo', request.id, request.replyTo)
}
