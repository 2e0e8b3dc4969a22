/** Two of the demonstration's accounts, as config/demo.toml names them, and where their customers write. */
export const publicPages = { facebook: '/facebook/104000000000001', x: '/x/TelecomItalia' };
