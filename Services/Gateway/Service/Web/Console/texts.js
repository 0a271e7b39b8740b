// What the console says, in each of its languages. A name in braces stands for a value.

/** @type {Record<string, Record<string, string>>} */
export const languages = {
  en: {
    "language": "English",
    "skip": "To the content",
    "menu.label": "Main menu",
    "menu.account": "Account",
    "menu.docs": "Interface",
    "menu.signOut": "Sign out",
    "loading": "Loading …",
    "again": "Try again",
    "failed": "That did not work",
    "notFound.title": "There is no such page",
    "notFound.text": "The address may be misspelled, or from another version.",
    "notFound.home": "To the start",
    "theme": "Appearance",
    "theme.auto": "As the system has it",
    "theme.light": "Light",
    "theme.dark": "Dark",
    "language.label": "Language",
    "signIn.title": "Sign in",
    "signIn.lead": "Orders, and the conversation about each.",
    "signIn.submit": "Sign in",
    "signIn.other": "No account yet?",
    "signIn.register": "Make one",
    "signIn.code": "Your account has a second factor: enter the code that your authenticator shows, or a recovery code.",
    "signIn.ended.expired": "Your session has expired. Sign in to go on where you were.",
    "signIn.ended.logged-out": "You have signed out.",
    "signIn.ended.revoked": "This session was ended from elsewhere. If that was not you, change your password.",
    "signIn.ended.disabled": "Your account has been disabled. Ask whoever runs this shop.",
    "signIn.ended.other": "Your session is over. Sign in to go on where you were.",
    "register.title": "Make an account",
    "register.submit": "Make the account",
    "register.other": "You have one already?",
    "register.signIn": "Sign in",
    "field.name": "Name",
    "field.email": "E-mail",
    "field.password": "Password",
    "field.password.show": "Show",
    "field.password.hide": "Hide",
    "field.newPassword": "New password",
    "field.newPassword.hint": "8 to 128 characters. Your other sessions end.",
    "field.password.hint": "8 to 128 characters.",
    "field.currentPassword": "Current password",
    "field.code": "Code",
    "account.title": "Account",
    "account.profile": "You",
    "account.profile.submit": "Save",
    "account.profile.saved": "Saved.",
    "account.email.needs": "For another e-mail your password is needed.",
    "account.password": "Password",
    "account.password.submit": "Change the password",
    "account.password.saved": "The password is changed; your other sessions have ended.",
    "account.sessions": "Sessions",
    "account.sessions.lead": "Where you are signed in.",
    "account.sessions.current": "This one",
    "account.sessions.seen": "Last refreshed {time}",
    "account.sessions.since": "Since {time}",
    "account.sessions.end": "Sign out there",
    "account.sessions.endNamed": "Sign out there: {device}",
    "account.sessions.ended": "Signed out: {device}",
    "account.sessions.unknown": "Unknown device",
    "account.sessions.device": "{browser} on {system}",
    "account.appearance": "Appearance and language",
    "role.Admin": "Admin",
    "role.Regular": "Customer",
    "error.offline": "Nobody was reached. Look at your connection, and try again.",
    "error.invalid-credentials": "The e-mail address or the password is wrong.",
    "error.account-disabled": "This account has been disabled.",
    "error.email-taken": "There is an account with this address already.",
    "error.rate-limited": "That was too often in a short time. Wait a little.",
    "error.too-many-attempts": "Too many wrong attempts. Try again in {seconds} seconds.",
    "error.service-unavailable": "A part of the system is away for the moment. Try again soon.",
    "error.upstream-timeout": "The answer took too long. Try again.",
    "error.forbidden": "You may not do that.",
    "error.not-found": "It is not there any more.",
    "error.unauthenticated": "Sign in first.",
    "error.internal": "Something went wrong on our side ({requestId}).",
    "error.other": "{detail}",
    "fault.required": "Needed.",
    "fault.blank": "Needed.",
    "fault.length": "Too short or too long.",
    "fault.too-common": "Too easy to guess: many have this one, or it is like your name or address.",
    "fault.format": "Not spelled as it must be.",
    "fault.characters": "Has signs that may not be there.",
    "fault.value": "Wrong.",
    "fault.other": "{message}",
  },
  de: {
    "language": "Deutsch",
    "skip": "Zum Inhalt",
    "menu.label": "Hauptmenü",
    "menu.account": "Konto",
    "menu.docs": "Schnittstelle",
    "menu.signOut": "Abmelden",
    "loading": "Wird geladen …",
    "again": "Noch einmal versuchen",
    "failed": "Das hat nicht geklappt",
    "notFound.title": "Diese Seite gibt es nicht",
    "notFound.text": "Vielleicht ist die Adresse falsch geschrieben, oder sie stammt aus einer anderen Version.",
    "notFound.home": "Zum Anfang",
    "theme": "Darstellung",
    "theme.auto": "Wie im System",
    "theme.light": "Hell",
    "theme.dark": "Dunkel",
    "language.label": "Sprache",
    "signIn.title": "Anmelden",
    "signIn.lead": "Bestellungen, und das Gespräch über jede.",
    "signIn.submit": "Anmelden",
    "signIn.other": "Noch kein Konto?",
    "signIn.register": "Konto anlegen",
    "signIn.code": "Ihr Konto hat einen zweiten Faktor: Geben Sie den Code Ihrer Authenticator-App oder einen Wiederherstellungscode ein.",
    "signIn.ended.expired": "Ihre Sitzung ist abgelaufen. Melden Sie sich an, um weiterzumachen.",
    "signIn.ended.logged-out": "Sie haben sich abgemeldet.",
    "signIn.ended.revoked": "Diese Sitzung wurde von anderswo beendet. Waren Sie das nicht, ändern Sie Ihr Passwort.",
    "signIn.ended.disabled": "Ihr Konto wurde gesperrt. Fragen Sie beim Betreiber nach.",
    "signIn.ended.other": "Ihre Sitzung ist zu Ende. Melden Sie sich an, um weiterzumachen.",
    "register.title": "Konto anlegen",
    "register.submit": "Konto anlegen",
    "register.other": "Sie haben schon eines?",
    "register.signIn": "Anmelden",
    "field.name": "Name",
    "field.email": "E-Mail",
    "field.password": "Passwort",
    "field.password.show": "Zeigen",
    "field.password.hide": "Verbergen",
    "field.newPassword": "Neues Passwort",
    "field.newPassword.hint": "8 bis 128 Zeichen. Ihre anderen Sitzungen enden.",
    "field.password.hint": "8 bis 128 Zeichen.",
    "field.currentPassword": "Aktuelles Passwort",
    "field.code": "Code",
    "account.title": "Konto",
    "account.profile": "Sie",
    "account.profile.submit": "Speichern",
    "account.profile.saved": "Gespeichert.",
    "account.email.needs": "Für eine andere E-Mail-Adresse wird Ihr Passwort gebraucht.",
    "account.password": "Passwort",
    "account.password.submit": "Passwort ändern",
    "account.password.saved": "Das Passwort ist geändert; Ihre anderen Sitzungen sind beendet.",
    "account.sessions": "Sitzungen",
    "account.sessions.lead": "Wo Sie angemeldet sind.",
    "account.sessions.current": "Diese hier",
    "account.sessions.seen": "Zuletzt erneuert {time}",
    "account.sessions.since": "Seit {time}",
    "account.sessions.end": "Dort abmelden",
    "account.sessions.endNamed": "Dort abmelden: {device}",
    "account.sessions.ended": "Abgemeldet: {device}",
    "account.sessions.unknown": "Unbekanntes Gerät",
    "account.sessions.device": "{browser} auf {system}",
    "account.appearance": "Darstellung und Sprache",
    "role.Admin": "Admin",
    "role.Regular": "Kunde",
    "error.offline": "Niemand war zu erreichen. Prüfen Sie Ihre Verbindung, und versuchen Sie es noch einmal.",
    "error.invalid-credentials": "Die E-Mail-Adresse oder das Passwort ist falsch.",
    "error.account-disabled": "Dieses Konto ist gesperrt.",
    "error.email-taken": "Zu dieser Adresse gibt es schon ein Konto.",
    "error.rate-limited": "Das war zu oft in kurzer Zeit. Warten Sie ein wenig.",
    "error.too-many-attempts": "Zu viele falsche Versuche. Versuchen Sie es in {seconds} Sekunden wieder.",
    "error.service-unavailable": "Ein Teil des Systems ist gerade nicht da. Versuchen Sie es bald wieder.",
    "error.upstream-timeout": "Die Antwort hat zu lange gedauert. Versuchen Sie es noch einmal.",
    "error.forbidden": "Das dürfen Sie nicht.",
    "error.not-found": "Das gibt es nicht mehr.",
    "error.unauthenticated": "Melden Sie sich zuerst an.",
    "error.internal": "Bei uns ist etwas schiefgegangen ({requestId}).",
    "error.other": "{detail}",
    "fault.required": "Wird gebraucht.",
    "fault.blank": "Wird gebraucht.",
    "fault.length": "Zu kurz oder zu lang.",
    "fault.too-common": "Zu leicht zu erraten: Viele haben dieses, oder es gleicht Ihrem Namen oder Ihrer Adresse.",
    "fault.format": "Nicht so geschrieben, wie es sein muss.",
    "fault.characters": "Enthält Zeichen, die nicht sein dürfen.",
    "fault.value": "Falsch.",
    "fault.other": "{message}",
  },
};

/** The language that was chosen, else the browser's, else English. */
export let language = pick();

/** @returns {string} */
function pick() {
  const wanted = [localStorage.getItem("language"), ...navigator.languages.map((tag) => tag.split("-")[0])];
  return wanted.find((tag) => tag && tag in languages) ?? "en";
}

/** @param {string} tag */
export function speak(tag) {
  localStorage.setItem("language", tag);
  language = pick();
  document.documentElement.lang = language;
}

/**
 * A text in the language of now.
 * @param {string} key
 * @param {Record<string, unknown>} [values]
 */
export function t(key, values = {}) {
  return languages[language][key].replace(/\{(\w+)\}/g, (_, name) => String(values[name] ?? ""));
}

/**
 * The text of the first of these keys that there is.
 * @param {string} kind
 * @param {string} name
 * @param {Record<string, unknown>} [values]
 */
export const tOr = (kind, name, values) => t(`${kind}.${name}` in languages.en ? `${kind}.${name}` : `${kind}.other`, values);

/**
 * How long ago, or when: by the browser's customs.
 * @param {string} time
 */
export function when(time) {
  const seconds = (Date.parse(time) - Date.now()) / 1000;
  const ago = new Intl.RelativeTimeFormat(language, { numeric: "auto" });
  if (seconds > -60) return ago.format(0, "second");
  if (seconds > -3600) return ago.format(Math.round(seconds / 60), "minute");
  if (seconds > -86_400) return ago.format(Math.round(seconds / 3600), "hour");
  return new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" }).format(new Date(time));
}

/** @param {import("./orderline.js").Problem} problem */
export const problemText = (problem) =>
  tOr("error", problem.code, { detail: problem.message, requestId: problem.requestId, seconds: problem.retryAfter ?? 30 });
