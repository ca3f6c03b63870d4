/** How far a promise is kept: `kept`, and tests prove it; `pending`, being built; `later`, left for a later part; `nothing`, what it speaks of does not happen here. */
export type Standing = 'kept' | 'pending' | 'later' | 'nothing'

/** A promise of one of the two policies, in our own words. F-… is the policy of followup.cc, S-… that of SalesFollowUp123. */
export interface DeclaredPromise {
  id: string
  promise: string
  standing: Standing
  /** Which part brings it if it is pending, and why it is not kept yet, or need not be, if it is later or nothing. Empty if it is kept. */
  why: string
}

const kept = (id: string, promise: string): DeclaredPromise => ({ id, promise, standing: 'kept', why: '' })
const later = (why: string, id: string, promise: string): DeclaredPromise => ({ id, promise, standing: 'later', why })
const nothing = (why: string, id: string, promise: string): DeclaredPromise => ({ id, promise, standing: 'nothing', why })

const backups = 'Backups come later.'
const staff = 'Access of staff comes later: nobody who runs Kith reads content through it.'
const incidents = 'Incidents come later.'
const transfer = 'A change of ownership comes later.'
const sweeps = 'Retention sweeps come later; the rule is declared in the data map.'
const reports = 'Reports of abuse, and what is done about them, come later.'
const unwatched = 'No click and no visit is recorded.'

/** Every promise of both policies, in their order. */
export const declaredPromises: readonly DeclaredPromise[] = [
  kept('F-01', 'An account holds little, and every column says what it is for.'),
  kept('F-02', 'Nothing is sold, rented or shared without express permission.'),
  kept('F-03', 'Account and settings can be changed at any time.'),
  kept('F-04', 'Accounts are for people of 13 and over; of who is younger nothing is kept.'),
  kept('F-05', 'Signing in with Google gives an address and a name and nothing more.'),
  kept('F-06', 'What Google grants is stored sealed and never handed out.'),
  kept('F-07', 'Mail, contacts and calendar are each asked for by themselves, and can be taken back by themselves.'),
  kept('F-08', 'What Google grants is used for the feature that it was granted for.'),
  kept('F-09', 'Of mail the headers that are needed are stored, never what it says.'),
  kept('F-10', 'What comes from Google is known as such, pictures included, and goes when it is disconnected.'),
  kept('F-11', 'Content is kept to provide the service and used for nothing else.'),
  later(backups, 'F-12', 'Backups serve recovery alone.'),
  kept('F-13', 'Copies that remain after a deletion remain for a stated time, and no restored copy brings them back.'),
  later(staff, 'F-14', 'Staff read content only when its holder asks them to.'),
  later(staff, 'F-15', 'Other access has a closed list of reasons, two approvals and an end.'),
  kept('F-16', 'An account sees how much it stores and how often it was signed in to.'),
  nothing(unwatched, 'F-17', 'What is shown and clicked is recorded with consent only.'),
  nothing(unwatched, 'F-18', 'Measurements are used within the service only.'),
  kept('F-19', 'Marketing by others needs a permission of its own, which nothing else gives along the way.'),
  kept('F-20', 'No number tells computers apart before somebody has agreed to it.'),
  nothing(unwatched, 'F-21', 'Cookies help to understand who uses the service.'),
  kept('F-22', 'Cookies that recognise a session or a setting are declared, each with its purpose and duration.'),
  nothing(unwatched, 'F-23', 'Usage is counted in groups.'),
  kept('F-24', 'Only the cookie without which nothing works may be needed; who refuses all others loses nothing.'),
  kept('F-25', 'The log of requests says little: neither addresses, nor headers, nor what was asked.'),
  kept('F-26', 'The log holds no cookie and no query of a URL.'),
  kept('F-27', 'What is sensitive asks who one is again.'),
  nothing('No address of a caller is stored: it limits rates in memory and under a keyed hash.', 'F-28', 'Addresses of callers are kept briefly.'),
  kept('F-29', 'What was consented to, asked for and changed stands in chains in which every tampering shows.'),
  kept('F-30', 'Every kind of mail has a category that it cannot fake.'),
  kept('F-31', 'Only mail about security, law and what was ordered cannot be refused.'),
  kept('F-32', 'The countries in which data are processed are stated.'),
  kept('F-33', 'Reading a policy, or using the service, is consent to nothing.'),
  later(transfer, 'F-34', 'Data change hands only with the service itself.'),
  later(transfer, 'F-35', 'Before that everybody is told and can refuse.'),
  kept('F-36', 'An account can be ended by its holder, or by writing to whoever runs Kith.'),
  kept('F-37', 'It is out of use within two working days.'),
  kept('F-38', 'Whoever ends an account is told what remains, why and until when.'),
  later(reports, 'F-39', 'Who is warned, suspended or shut out is told why, and keeps every right.'),
  kept('F-40', 'A published version of a policy does not change any more.'),
  kept('F-41', 'All versions of a policy can be read and compared.'),
  later(reports, 'F-42', 'Unlawful content can be reported.'),
  kept('F-43', 'What is uploaded is of a known kind, told by its bytes, of a bounded size and cleaned of what else it says.'),
  later(reports, 'F-44', 'Infringements can be reported.'),
  kept('F-45', 'People in somebody’s address book have rights of their own, without an account.'),
  kept('F-46', 'Nobody reaches what is somebody else’s, and nobody takes the service away from others.'),
  kept('F-47', 'Nobody opens accounts or files requests in bulk, or under an address that is not theirs.'),
  kept('F-48', 'An account is its holder’s, as Google knows them, and passes to nobody with an address.'),
  kept('F-49', 'No other site frames the pages.'),
  later(incidents, 'F-50', 'A breach can be reported, and starts the clocks.'),

  kept('S-01', 'Every promise that is claimed has a test that passes.'),
  kept('S-02', 'The policy says what the program does: what it collects, uses, discloses, stores.'),
  kept('S-03', 'GDPR and CCPA are both kept; where they differ, the stricter date holds.'),
  kept('S-04', 'Visitors have the same information and choices as account holders.'),
  kept('S-05', 'Who answers for the data is named.'),
  kept('S-06', 'A sign-up acknowledges the version of the policy that holds.'),
  nothing(unwatched, 'S-07', 'Usage: browser, address, referrer, pages.'),
  kept('S-08', 'An account needs a name and an address and nothing more.'),
  nothing('There is nothing to buy; settings and activity are declared in the data map.', 'S-09', 'Profile: preferences, purchases, settings, activity.'),
  kept('S-10', 'What somebody writes to the controller is declared, and stands sealed.'),
  kept('S-11', 'Of devices nothing is known but the name of the browser of a session.'),
  nothing('There is nothing to pay: no column could hold a payment.', 'S-12', 'Transactions: payments, billing, shipment.'),
  kept('S-13', 'Preferences and consents are in the archive.'),
  kept('S-14', 'Whatever touches personal data has a purpose with a legal basis, or does not run.'),
  kept('S-15', 'What a contract needs rests on it, with the rights that follow.'),
  kept('S-16', 'Consent counts at each use, and no longer from the moment it is withdrawn.'),
  kept('S-17', 'A legitimate interest is weighed and written down, and an objection stops it.'),
  kept('S-18', 'A legal obligation is cited.'),
  kept('S-19', 'Everybody gets a copy of all their data, and what the law wants said of them.'),
  kept('S-20', 'What is wrong is put right, and stays so.'),
  kept('S-21', 'Data are deleted, all but what is said to be kept, and it can be proven.'),
  kept('S-22', 'Data can be restricted to storage.'),
  kept('S-23', 'Data can be taken elsewhere in formats that others read, and brought back.'),
  kept('S-24', 'Rights can be used on a page, through the API, by mail or by letter.'),
  kept('S-25', 'Requests are answered in time, with reasons, and evidence of it.'),
  later('A register of controls comes with staff and incidents.', 'S-26', 'Measures are listed with their evidence.'),
  kept('S-27', 'Content is sealed where it is stored, and travels over TLS; nothing more is claimed.'),
  kept('S-28', 'Roles are refused by default, and what they do is on record.'),
  later(backups, 'S-29', 'Backups are made, and restored to try them.'),
  later(staff, 'S-30', 'Who has access is trained.'),
  later('Assessments are the controller’s; their register comes with that of controls.', 'S-31', 'Security is assessed regularly.'),
  later('Recipients and countries are stated (F-32); a register of mechanisms comes later.', 'S-32', 'Transfers abroad rest on a lawful mechanism.'),
  kept('S-33', 'Every table says how long it is kept.'),
  later(sweeps, 'S-34', 'Usage is kept for 12 months at most.'),
  nothing(unwatched, 'S-35', 'What is kept longer is anonymous.'),
  later(sweeps, 'S-36', 'Of a closed account no more than a minimum is kept, for six years at most.'),
  later('Legal holds come with the retention sweeps.', 'S-37', 'Longer than that only what a law asks for.'),
  nothing('There is nothing to pay.', 'S-38', 'Transactions are kept for 7 years.'),
  later(sweeps, 'S-39', 'What somebody wrote is kept for three years after they last wrote.'),
  kept('S-40', 'Proof of consent is kept for a stated time, and can be checked without Kith.'),
  kept('S-41', 'Cookies and the like are declared, or do not leave the server.'),
  kept('S-42', 'Essential cookies are few, and each is justified.'),
  kept('S-43', 'Functional cookies need a yes.'),
  kept('S-44', 'Analytical cookies need a yes.'),
  kept('S-45', 'Performance cookies need a yes.'),
  kept('S-46', 'Before a choice one can read what it is about.'),
  kept('S-47', 'Each category is chosen by itself, and the server keeps to it.'),
  kept('S-48', 'No tracking cookie is set without consent.'),
  kept('S-49', 'Nobody’s data are sold or shared once they say so, without an account or a proof.'),
  kept('S-50', 'Do Not Track and Global Privacy Control are honoured.'),
  kept('S-51', 'Consent is withdrawn at any time, as easily as it is given.'),
  kept('S-52', 'Settings of the browser count as a withdrawal, for the account too.'),
  kept('S-53', 'Nobody under 13 gets an account.'),
  kept('S-54', 'Nothing is knowingly kept of children under 13.'),
  kept('S-55', 'A child’s data are out of reach at once and erased within a day.'),
  kept('S-56', 'Parents and guardians are heard, and told nothing of the child.'),
  kept('S-57', 'A change of the policy says why, and contradicts nothing that the program does.'),
  kept('S-58', 'A change that matters is told by mail a month ahead, and ends consent to what was another purpose.'),
  kept('S-59', 'The policy can be read by everybody at any time.'),
  kept('S-60', 'Whoever asks or complains is answered.'),
  later('Reports come with staff and incidents.', 'S-61', 'What was asked for and granted is published in figures.'),
]
