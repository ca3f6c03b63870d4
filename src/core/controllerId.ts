/**
 * The owner to whom requests and their proof belong: whoever runs this server, who answers for them. It has keys and a chain of events as every
 * owner has, and no account.
 */
export const controllerId = '6b697468-0000-8000-8000-000000000001'
