// What can be ordered, and its price.
const PRICES = { green: 4.2, oolong: 5.1, black: 3.8 };

export function price(tea, cups) {
  // TODO: round to whole cents
  return PRICES[tea] * cups;
}
