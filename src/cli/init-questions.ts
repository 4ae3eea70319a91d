import { NotConfirmed } from '../terminal/confirm.ts';
import { UsageError } from '../terminal/usage-error.ts';
import { type Parameters, problemsWith } from './init-answers.ts';
import { describeRealm, type Realms } from './init-realm.ts';
import { NO_AUDIENCE, readTokenFacts, type TokenFacts } from './init-token.ts';

/** Asks a person, and gives what they typed; nothing when they left. */
export type Ask = (question: string) => Promise<string | undefined>;

/** A person at a terminal, and the realms that they name. */
export interface Conversation extends Realms {
  readonly ask: Ask;
  say(text: string): void;
  readSecret(what: string): Promise<string>;
}

interface Question {
  readonly parameter: string;
  readonly question: string;
  /** Stands in the question where nothing is proposed. */
  readonly example?: string;
  /** What an empty answer takes. */
  readonly proposed: string | undefined;
}

const TEXTS = { KeyPrefix: 'API keys start with', KeyEnvironment: 'The environment of the keys' };

const SWITCHES = {
  SelfService: 'Shall users make their own keys, on a page (docs/self-service.md)?',
  Sync: 'Shall accounts follow the realm, by a schedule (docs/keycloak.md)?',
};

/**
 * Asks for the parameters that aren't given, one after the other.
 *
 * @returns all of them, and the token that was pasted on the way.
 * @throws NotConfirmed when the person leaves.
 */
export async function askForParameters(given: Parameters, proposed: Parameters, conversation: Conversation) {
  conversation.say('Enter takes the answer in brackets. Ctrl-C leaves, and then nothing is written.\n');
  const issuer = given['Issuer'] ?? (await askForIssuer(proposed['Issuer'], conversation));
  const { audience, token } = given['Audience']
    ? { audience: given['Audience'], token: undefined }
    : await askForAudience(proposed['Audience'], conversation);
  const answers: Record<string, string> = { ...proposed, ...given, Issuer: issuer, Audience: audience };
  for (const [parameter, question] of Object.entries(TEXTS)) {
    answers[parameter] =
      given[parameter] ?? (await askForText({ parameter, question, proposed: proposed[parameter] }, conversation));
  }
  for (const [parameter, question] of Object.entries(SWITCHES)) {
    answers[parameter] =
      given[parameter] ?? String(await agree(question, proposed[parameter] === 'true', conversation.ask));
  }
  return { parameters: answers, token };
}

/** The issuer, once its realm has answered by that name; another one only if the person insists. */
async function askForIssuer(proposed: string | undefined, conversation: Conversation): Promise<string> {
  const example = 'https://id.example.com/realms/main';
  const question = "The realm's URL";
  const issuer = await askForText({ parameter: 'Issuer', question, example, proposed }, conversation);
  const realm = await describeRealm(issuer, conversation);
  conversation.say(realm.text);
  if (realm.issuer === issuer) return issuer;
  if (realm.issuer !== undefined) {
    conversation.say(`It calls itself ${realm.issuer}, and so do its tokens.`);
    return askForIssuer(realm.issuer, conversation);
  }
  return (await agree('Take it all the same?', false, conversation.ask))
    ? issuer
    : askForIssuer(proposed, conversation);
}

/** The audience by its name, or one of a pasted token's. */
async function askForAudience(proposed: string | undefined, conversation: Conversation) {
  const question = `The name of your API in "aud"${proposed === undefined ? ' (Enter: take it from a token)' : ''}`;
  const audience = await askForText({ parameter: 'Audience', question, proposed: proposed ?? '' }, conversation);
  if (audience !== '') return { audience, token: undefined };
  const token = await readToken(conversation);
  return { audience: await chooseAudience(token, conversation), token };
}

/** A pasted token; asks again after anything else. */
async function readToken(conversation: Conversation): Promise<TokenFacts> {
  const pasted = await conversation.readSecret('an access token');
  try {
    return readTokenFacts(pasted);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    conversation.say(error.message);
    return readToken(conversation);
  }
}

/** Offers what a token is for. */
export async function chooseAudience({ audiences }: TokenFacts, conversation: Conversation): Promise<string> {
  const [proposed, ...others] = audiences;
  if (proposed === undefined) conversation.say(NO_AUDIENCE);
  else conversation.say(`The token is for ${audiences.join(', ')}.`);
  if (proposed !== undefined && others.length === 0) return proposed;
  return askForText({ parameter: 'Audience', question: 'The name of your API in "aud"', proposed }, conversation);
}

/** Asks until the answer is one that the authorizer takes. */
async function askForText(asked: Question, conversation: Conversation): Promise<string> {
  const { parameter, question, example, proposed } = asked;
  const hint = proposed ? ` [${proposed}]` : example ? `, as ${example}` : '';
  const typed = await answer(`${question}${hint}: `, conversation.ask);
  const text = typed === '' ? proposed : typed;
  const problems = text === undefined ? ['It takes an answer; Ctrl-C leaves.'] : problemsWith(parameter, text);
  if (text !== undefined && problems.length === 0) return text;
  conversation.say(problems.join('\n'));
  // As people copy an address out of a browser.
  const trimmed = text?.replace(/\/+$/, '');
  const isMended = trimmed !== text && trimmed && problemsWith(parameter, trimmed).length === 0;
  return askForText({ ...asked, proposed: isMended ? trimmed : proposed }, conversation);
}

/** @throws NotConfirmed when the person leaves. */
export async function agree(question: string, isProposed: boolean, ask: Ask): Promise<boolean> {
  const typed = await answer(`${question} ${isProposed ? '[Y/n]' : '[y/N]'} `, ask);
  if (typed === '') return isProposed;
  if (/^y(es)?$/i.test(typed)) return true;
  return /^no?$/i.test(typed) ? false : agree(question, isProposed, ask);
}

async function answer(question: string, ask: Ask): Promise<string> {
  const typed = await ask(question);
  if (typed === undefined) throw new NotConfirmed('Nothing was written.');
  return typed;
}
