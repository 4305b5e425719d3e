import { heat } from "./kettle.js";
import { price } from "./menu.js";

// Takes one order.
export function order(tea, cups) {
  // TODO: refuse an order of no cups
  return { degrees: heat(tea), total: price(tea, cups) };
}
