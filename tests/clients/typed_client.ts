// Compiled, not run: what a client in TypeScript knows of the control API from its document alone.

import type { components, paths } from "./control";

type Path = keyof paths;
type Method<P extends Path> = Extract<keyof paths[P], "get" | "post" | "put" | "patch" | "delete">;
type Json<T> = T extends { content: { "application/json": infer Content } } ? Content : never;
type Answers<P extends Path, M extends Method<P>> = paths[P][M] extends { responses: infer All }
  ? { [Status in keyof All]: Status extends "default" ? never : Json<All[Status]> }[keyof All]
  : never;
type Body<P extends Path, M extends Method<P>> = paths[P][M] extends { requestBody?: infer Sent }
  ? Json<NonNullable<Sent>>
  : never;

type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
type Unknown = {
  [P in Path]: { [M in Method<P>]: unknown extends Answers<P, M> | Body<P, M> ? [P, M] : never }[Method<P>];
}[Path];
export const nothingIsUnknown: Equal<Unknown, never> = true;

declare function command<P extends Path, M extends Method<P>>(
  method: M,
  path: P,
  world: string,
  body?: Body<P, M>,
): Promise<Answers<P, M>>;

export async function settle(world: string): Promise<string> {
  const happened = await command("post", "/_mock/worlds/{world}/clock/advance", world, { by: "3d" });
  const { deliveries } = await command("get", "/_mock/worlds/{world}/deliveries", world);
  const late = deliveries.filter((each) => each.attempts.some((attempt) => !attempt.delivered));
  return `${happened.counts.moves} moves until ${happened.now}, ${late.length} deliveries were late`;
}

export async function filled(world: string, id: string): Promise<components["schemas"]["MoveAnswer"] | undefined> {
  const order = await command("get", "/_mock/worlds/{world}/state/{resource}/{id}", world);
  const due: string | undefined = order.upcoming[0]?.due;
  const why: string | undefined = order.waits?.reason ?? due;
  // @ts-expect-error: there is no such member
  order.upcomming;
  return why === undefined ? order.history.find((move) => move.to === "FILLED" && move.id === id) : undefined;
}

export async function listen(world: string): Promise<number> {
  const { events, next } = await command("get", "/_mock/worlds/{world}/events", world);
  const orders = events.filter((event) => event.type === "ORDER.FILLED");
  // @ts-expect-error: the contract has no such event
  events.filter((event) => event.type === "ORDER.FILED");
  // @ts-expect-error: a number, not a text
  const wrong: string = next;
  return orders.length + wrong.length;
}
