/** Channels that tell people: Teams, Outlook mail, approvals and HTTPS webhooks. Messages are kept, nothing is sent. */
import { printValue } from '../functions/function.ts';
import { getOwn, isObject, type Value } from '../value.ts';
import type { Service, ServiceAnswer, ServiceCall } from '../workflow/model.ts';

export interface OutgoingMessage {
  channel: 'teams' | 'mail' | 'approval' | 'webhook';
  to: string;
  subject: string;
  body: string;
  at: number;
}

export interface MessagesOptions {
  /** How approvers answer; default: nobody does. */
  approve?: (message: OutgoingMessage) => { option: string; responder: string; delay: string } | undefined;
  /** Addresses that count as webhooks; default: every HTTPS address outside of Microsoft's own endpoints. */
  isWebhook?: (uri: string) => boolean;
}

const field = (value: Value, name: string): string => (isObject(value) ? printValue(getOwn(value, name) ?? '') : '');

/** Answers calls of these channels and puts what they carry into `sent`. */
export function messagesService(sent: OutgoingMessage[], options: MessagesOptions = {}): Service {
  const isWebhook =
    options.isWebhook ??
    ((uri) => /^https:/i.test(uri) && !/\.(microsoft|azure|microsoftonline)\.com(\/|$|:)/i.test(uri));
  return (call) => {
    const message = messageOf(call, isWebhook);
    if (message === undefined) return undefined;
    sent.push(message);
    if (message.channel !== 'approval')
      return {
        status: 'Succeeded',
        outputs: {
          statusCode: message.channel === 'mail' ? 202 : 200,
          headers: {},
          body: message.channel === 'teams' ? { id: `message-${sent.length}` } : {},
        },
      };
    return approvalAnswer(message, options);
  };
}

function approvalAnswer(message: OutgoingMessage, options: MessagesOptions): ServiceAnswer {
  const answer = options.approve?.(message);
  if (answer === undefined) return { delay: 'P365D' };
  return {
    status: 'Succeeded',
    delay: answer.delay,
    outputs: {
      statusCode: 200,
      headers: {},
      body: { SelectedOption: answer.option, UserEmailAddress: answer.responder, UserId: answer.responder },
    },
  };
}

function messageOf(call: ServiceCall, isWebhook: (uri: string) => boolean): OutgoingMessage | undefined {
  const { at } = call;
  if (call.connector === 'teams') {
    const recipient = isObject(call.body) ? getOwn(call.body, 'recipient') : undefined;
    return {
      channel: 'teams',
      to: field(recipient ?? null, 'channelId'),
      subject: field(call.body, 'subject'),
      body: field(call.body, 'messageBody'),
      at,
    };
  }
  if (call.connector === 'office365' || call.connector === 'outlook') {
    if (/approvalmail/i.test(call.path)) {
      const message = isObject(call.body) ? (getOwn(call.body, 'Message') ?? null) : null;
      return {
        channel: 'approval',
        to: field(message, 'To'),
        subject: field(message, 'Subject'),
        body: field(message, 'Body'),
        at,
      };
    }
    if (/\/mail/i.test(call.path))
      return {
        channel: 'mail',
        to: field(call.body, 'To'),
        subject: field(call.body, 'Subject'),
        body: field(call.body, 'Body'),
        at,
      };
  }
  if (call.uri !== undefined && call.connector === undefined && isWebhook(call.uri)) {
    return {
      channel: 'webhook',
      to: call.uri,
      subject: '',
      body: typeof call.body === 'string' ? call.body : JSON.stringify(call.body),
      at,
    };
  }
  return undefined;
}
