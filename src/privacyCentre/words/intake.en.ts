/** What the pages say to whoever asks for somebody else: agents, parents and guardians, and people who know of a child's data. */
export const intakeEn = {
  asksTitle: 'For whom do you ask?',
  asks: {
    SELF: { title: 'For myself', text: 'About data of your own.' },
    AGENT: { title: 'For somebody who has authorised me', text: 'As an agent, a lawyer, or a friend with their permission.' },
    GUARDIAN: { title: 'For a child of mine', text: 'As a parent or guardian.' },
  },
  whatTitle: 'What do you want?',
  askedFor: 'You ask',
  others: {
    AGENT: 'for somebody who has authorised you',
    GUARDIAN: 'as a parent or guardian, for a child',
  },
  change: 'Change that',
  next: {
    AGENT:
      'What comes next: a code goes to your address, then a privacy officer asks you for the person’s signed permission, and asks the person whether it is so. Until both are there, nothing is told or changed. Send no papers here.',
    GUARDIAN:
      'What comes next: a code goes to your address, then a privacy officer asks you for a signed declaration and compares what you say with what is held. Until that is done nothing is told or changed, and nothing about the child is ever told in a letter. Send no papers here.',
  },
  yourAddress: 'Your own e-mail address',
  yourAddressHint: 'Answers go to you, and a code that shows that the address is yours.',
  theirs: {
    AGENT: 'E-mail addresses and telephone numbers of the person you ask for',
    GUARDIAN: 'E-mail addresses and telephone numbers of the child',
  },
  theirsHint: 'At least one, one a line, numbers with their country code. It is not told whether anything is held.',
  authority: {
    AGENT: 'Who has authorised you, and for what',
    GUARDIAN: 'Anything that helps, such as how you are related',
  },
  noTheirs: 'Write at least one e-mail address, or a telephone number with its country code, of whom you ask for.',
  children: {
    title: 'Data of a child',
    lead: 'Kith is for people of 13 and older. If it holds something of somebody younger, say so here: it is put out of reach at once and deleted within 24 hours of being certain.',
    guardianTitle: 'You are the parent or guardian',
    guardianText: 'You need no account, and neither does the child.',
    guardianButton: 'Have a child’s data deleted',
    contactTitle: 'It is somebody in your own address book',
    contactSignIn: 'Sign in, and name the contact. Nobody is written to.',
    contactText:
      'Look for the contact. If you report it, it is gone from your address book at once, with all that hangs on it, and is deleted within a day. That cannot be called back, and nobody is written to.',
    name: 'Name of the contact',
    find: 'Look for it',
    found: 'These are in your address book',
    none: 'There is nobody of that name in your address book.',
    report: 'This is a child’s: delete it',
    reported: 'It is out of reach now, and is deleted within a day.',
    otherTitle: 'You know of a child’s account',
    otherText: 'Write which, and how you know. A privacy officer looks at it; you are not told anything about the account.',
    otherButton: 'Tell the privacy officers',
    officerTitle: 'For privacy officers: an account is a child’s',
    officerText: 'Nobody is let into it from that moment on, and it is deleted within a day. It cannot be called back, and its holder is written nothing.',
    account: 'E-mail address of the account',
    accountHint: 'As it signs in with Google.',
    accountButton: 'Delete this account as a child’s',
    noAccount: 'There is no account with that address, or there are several.',
  },
}
