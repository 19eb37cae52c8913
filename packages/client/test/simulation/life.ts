/** One life: people in a call, whatever happens to them for a while, then peace, and in the end everybody leaves. */
import { disagreements } from "./agreement.ts";
import { install } from "./globals.ts";
import { Moderation, moderator } from "./moderation.ts";
import { Person } from "./person.ts";
import { World } from "./world.ts";

/** ms. */
const strife = 8_000;
/** Longest patience of the client (a session that never came up, a call that is never answered) and of the SFU, one after another. */
const peace = 120_000;
/** Longer than the SFU keeps a track that sends nothing. */
const rest = 35_000;
/** Within which whoever left has come again. */
const newcomers = 2_500;
const farewell = 70_000;

export interface Fought {
  readonly complaints: readonly string[];
  readonly story: readonly string[] | undefined;
  /** ms of peace until everything agreed. */
  readonly settledIn: number;
  readonly steps: number;
  readonly deeds: number;
}

export class Life {
  readonly #world: World;
  readonly #people: Person[] = [];
  readonly #moderation: Moderation;
  #deeds = 0;
  #said = 0;

  /** `told`: with its story. */
  constructor(seed: number, told = false) {
    this.#world = new World(seed, told);
    this.#moderation = new Moderation(this.#world);
    this.#world.switchedOff = (participant, source) => {
      const stay = this.#world.rooms.stayOf(participant);
      const person = this.#present().find(({ name }) => name === participant);
      if (stay !== undefined) person?.held.set(source, stay);
    };
    // Whoever hands out tokens hears of it, too.
    this.#world.putOut = (participant) => {
      for (const person of this.#present()) if (person.name === participant) person.removed = true;
    };
  }

  async live(): Promise<Fought> {
    const { chance } = this.#world.fate;
    const uuid = () => `id-${chance.uint32().toString(16)}-${chance.uint32().toString(16)}`;
    const restore = install(
      () => this.#world.clock.now,
      uuid,
      () => chance.fraction(),
    );
    try {
      return await this.#live();
    } finally {
      restore();
    }
  }

  async #live(): Promise<Fought> {
    const { clock, fate, complaints, story } = this.#world;
    const names = ["ann", "bob", "eve"].slice(0, 2 + fate.chance.below(2));
    for (const name of names) clock.plan(fate.chance.below(2_000), () => this.#join(name));
    this.#planDeed();
    await clock.run(strife);
    fate.calm = true;
    for (const { page } of this.#people) this.#calm(page);
    this.#moderation.makePeace(this.#present());
    const settledIn = await this.#settle();
    // Now and then a long rest, in which what is muted may be forgotten at the other end, and then everything once more.
    if (complaints.length === 0 && fate.chance.oneIn(8)) {
      await clock.run(clock.now + rest);
      for (const person of this.#present()) {
        const { page, room } = person;
        page.run(() => {
          person.setMicrophone(!room.snapshot().local.microphone.on);
          person.setCamera(!room.snapshot().local.camera.on);
        });
      }
      await this.#settle();
    }
    await this.#leave();
    return { complaints, story, settledIn, steps: clock.steps, deeds: this.#deeds };
  }

  /** Gives how long it took, in ms. */
  async #settle(): Promise<number> {
    const { clock, complain } = this.#world;
    const began = clock.now;
    // What agrees twice, a while apart, has settled.
    let agreedAt: number | undefined;
    let left: readonly string[] = [];
    while (clock.now < began + peace) {
      this.#moderation.openDoor();
      await clock.run(clock.now + 1_000);
      left = disagreements(this.#world, this.#people);
      if (left.length > 0) agreedAt = undefined;
      else agreedAt ??= clock.now;
      if (agreedAt !== undefined && clock.now > agreedAt && clock.now - began >= newcomers) break;
    }
    for (const disagreement of left) complain(`never settled: ${disagreement}`);
    return (agreedAt ?? clock.now) - began;
  }

  #present(): Person[] {
    return this.#people.filter(({ left, removed }) => !left && !removed);
  }

  #join(name: string): void {
    this.#said += 1_000;
    this.#people.push(new Person(name, this.#world, this.#said));
  }

  #calm(page: Person["page"]): void {
    page.thaw();
    page.run(() => page.hide(false));
    this.#world.cut(page, false);
  }

  #planDeed(): void {
    const { clock, fate } = this.#world;
    clock.plan(fate.chance.below(450), () => {
      if (fate.calm) return;
      this.#deeds += 1;
      this.#doSomething();
      this.#planDeed();
    });
  }

  #doSomething(): void {
    const { fate, clock } = this.#world;
    const here = this.#present();
    const person = here[fate.chance.below(here.length)];
    if (person === undefined || person.page.isFrozen) return;
    const { page, room } = person;
    page.run(() => {
      const deed = fate.chance.below(29);
      this.#world.tell(() => `${person.name} does ${deed}`);
      switch (deed) {
        case 0:
        case 1:
        case 2:
        case 3:
          return person.setMicrophone(!room.snapshot().local.microphone.on);
        case 4:
        case 5:
        case 6:
        case 7:
          return person.setCamera(!room.snapshot().local.camera.on);
        case 8:
          return person.shareScreen();
        case 9:
          return room.stopScreen();
        case 10:
        case 11:
          return person.say();
        case 12:
        case 13:
          return person.look();
        case 14:
          return page.hide(!page.document.hidden);
        case 15:
          return person.loseDevice();
        case 16:
          return this.#world.breakSockets(page, fate.chance.oneIn(2));
        case 17: {
          this.#world.breakSockets(page, fate.chance.oneIn(2));
          this.#world.cut(page, true);
          clock.plan(fate.chance.below(15_000), () => {
            this.#world.cut(page, false);
            if (fate.chance.oneIn(2)) page.run(() => page.window.dispatchEvent(new Event("online")));
          });
          return;
        }
        case 18:
          return void page.window.dispatchEvent(new Event("online"));
        case 19:
          return this.#world.killSession(person.name);
        case 20:
          return room.simulate(
            fate.chance.pick(["lose-socket", "lose-media", "kill-session", "switch-network", "rebuild"]),
          );
        case 21:
          return this.#world.expire(person.name);
        case 22:
          return fate.chance.oneIn(2) ? this.#world.rooms.restart() : this.#world.media.restart();
        case 23:
          if (!fate.chance.oneIn(3)) return;
          person.leave();
          clock.plan(fate.chance.below(newcomers - 1_000), () => this.#join(person.name));
          return;
        case 24:
          page.freeze();
          clock.plan(fate.chance.below(20_000), () => page.thaw());
          return;
        default:
          if (person.name !== moderator) return;
          return this.#moderation.act(
            person,
            here.filter((other) => other !== person),
          );
      }
    });
  }

  /** Everybody goes; nothing may be left of anybody. */
  async #leave(): Promise<void> {
    const { clock, media, rooms, complain } = this.#world;
    for (const person of this.#people) person.leave();
    // A leave that nobody answers is over after a second; what ends by itself (a look at what flows) has ended then.
    await clock.run(clock.now + 2_000);
    for (const { name, page } of this.#people) {
      if (page.timers > 0) complain(`${page.timers} timers of ${name} are left after the end`);
      const open = page.connections.filter(({ isClosed }) => !isClosed).length;
      if (open > 0) complain(`${open} connections of ${name} are left after the end`);
      const sockets = page.sockets.filter(({ readyState }) => readyState < 2).length;
      if (sockets > 0) complain(`${sockets} sockets of ${name} are left after the end`);
      const live = page.devices.tracks.filter(({ readyState }) => readyState === "live").length;
      if (live > 0) complain(`${live} devices of ${name} are held after the end`);
    }
    await clock.run(clock.now + farewell);
    if (rooms.room.people().length > 0) complain("somebody is still in the room");
    if (media.sfu.sessionCount > 0) complain(`${media.sfu.sessionCount} media sessions are left`);
  }
}
