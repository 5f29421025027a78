/**
 * A virtual clock that runs processes one at a time, in the order of their times. Waiting for an hour takes no time, and
 * the same story always runs in the same order.
 */

interface Waiting {
  at: number;
  sequence: number;
  wake: () => void;
}

/** Something that processes wait for and one process sets. */
export interface Latch {
  done: boolean;
  waiters: (() => void)[];
}

/** Nothing can go on any more although the work is not done, such as two actions that wait for each other. */
export class DeadlockError extends Error {
  constructor() {
    super('no action can go on: they wait for each other');
    this.name = 'DeadlockError';
  }
}

export class VirtualClock {
  /** Milliseconds since 1970. */
  now: number;
  readonly #queue: Waiting[] = [];
  #sequence = 0;
  #parked: () => void = () => {};
  #stopped = false;

  constructor(now: number) {
    this.now = now;
  }

  /** Runs a process and everything that it starts; answers when it ends or when `stop` is called. */
  async run(main: () => Promise<void>): Promise<void> {
    let failure: { error: unknown } | undefined;
    let ended = false;
    this.#start(async () => {
      try {
        await main();
      } catch (error) {
        failure = { error };
      }
      ended = true;
    });
    while (!ended && !this.#stopped) {
      const next = this.#take();
      if (next === undefined) throw new DeadlockError();
      this.now = Math.max(this.now, next.at);
      const parked = new Promise<void>((resolve) => {
        this.#parked = resolve;
      });
      next.wake();
      await parked;
    }
    if (failure) throw failure.error;
  }

  /** Ends `run` at once from within a process; waiting processes are dropped and the promise never settles. */
  halt(): Promise<never> {
    this.#stopped = true;
    this.#parked();
    return new Promise<never>(() => {});
  }

  sleep(milliseconds: number): Promise<void> {
    return new Promise((resolve) => {
      this.#enqueue(this.now + Math.max(0, milliseconds), resolve);
      this.#parked();
    });
  }

  latch(): Latch {
    return { done: false, waiters: [] };
  }

  set(latch: Latch): void {
    latch.done = true;
    for (const wake of latch.waiters) this.#enqueue(this.now, wake);
    latch.waiters = [];
  }

  wait(latch: Latch): Promise<void> {
    if (latch.done) return Promise.resolve();
    return new Promise((resolve) => {
      latch.waiters.push(resolve);
      this.#parked();
    });
  }

  /** Runs processes side by side, at most `degree` at a time, and waits for all. The first error ends the wait. */
  async all(processes: readonly (() => Promise<void>)[], degree = Number.POSITIVE_INFINITY): Promise<void> {
    if (processes.length === 0) return;
    const finished = this.latch();
    let next = 0;
    let open = processes.length;
    let failure: { error: unknown } | undefined;
    const worker = async (): Promise<void> => {
      while (next < processes.length && failure === undefined) {
        const process = processes[next++]!;
        try {
          await process();
        } catch (error) {
          failure = { error };
        }
        open--;
        if (open === 0 || failure) this.set(finished);
      }
    };
    for (let count = Math.min(degree, processes.length); count > 0; count--) this.#start(worker);
    await this.wait(finished);
    if (failure) throw (failure as { error: unknown }).error;
  }

  #start(process: () => Promise<void>): void {
    this.#enqueue(this.now, () => {
      process().finally(() => this.#parked());
    });
  }

  #enqueue(at: number, wake: () => void): void {
    const entry = { at, sequence: this.#sequence++, wake };
    // Almost everything is due now or later than all others, so the search from the end is short.
    let index = this.#queue.length;
    while (index > 0 && this.#queue[index - 1]!.at > at) index--;
    this.#queue.splice(index, 0, entry);
  }

  #take(): Waiting | undefined {
    return this.#queue.shift();
  }
}
