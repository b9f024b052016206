// Unicode's control characters but tab and line ends: the server refuses them, and they come in with pasted text unseen.
const UNSEEN = /[\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F-\u009F]/g;

export const withoutUnseen = (words) => words.replace(UNSEEN, " ");
