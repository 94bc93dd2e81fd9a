/** What the HTTP interface answers with, as the pages read it (signaling/protocol/resources.py). */

export type Language = "en" | "fr";
export type Position = "caregiver" | "coordinator" | "administrator";
export type State = "invited" | "joined" | "client_hung_up" | "terminated";
export type Status = "scheduled" | "in_progress" | "completed" | "cancelled";
export type Presence = "never" | "present" | "lost" | "closed" | "left" | "unknown";

export interface Agency {
  name: string;
  phone: string;
  language: Language;
  timeZone: string;
  serverTime: string;
  demo: boolean;
}

export interface Me {
  id: string;
  name: string;
  role: Position;
  language: Language;
  mayInitiateVirtualVisits: boolean;
}

export interface Invite {
  how: "email" | "link";
  madeAt: string;
  sentAt: string | null;
  to: string | null;
  delivery: "sending" | "sent" | "delayed" | "failed" | "dropped" | "copied";
  reason: string | null;
}

export interface Session {
  state: State;
  rev: number;
  lastInvite: Invite | null;
}

export interface Task {
  id: string;
  title: string;
}

export interface Visit {
  id: string;
  rev: number;
  serviceCode: string;
  employee: string;
  client: string;
  startsAt: string;
  endsAt: string;
  timeZone: string;
  tasks: Task[];
  status: Status;
  cancelledAt: string | null;
  clockedInAt: string | null;
  clockedOutAt: string | null;
  session: Session | null;
  service: { id: string; name: string; allowsVirtualCare: boolean };
  assigned: { id: string; name: string };
  person: { id: string; name: string; phone: string | null; email: string | null; language: Language };
  clientPresence: Presence;
  caregiverInCall: boolean;
  movedSinceInvite: boolean;
  actions: string[];
  inviteRefusal: string | null;
  videoActions: boolean;
}

export interface LoggedEvent {
  seq: number;
  at: string;
  kind: string;
  actor: string;
  connection: string | null;
  data: Record<string, unknown>;
}

export interface Outcome {
  task: string;
  done: boolean | null;
  reason: string;
}

/** What is written of a visit. */
export interface Writing {
  notes: string;
  tasks: Outcome[];
}

export interface Documentation extends Writing {
  version: number;
  savedAt: string | null;
  savedBy: string | null;
}

export interface Named {
  id: string;
  name: string;
}
