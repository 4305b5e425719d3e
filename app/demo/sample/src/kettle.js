// Heats water to what each tea wants.
export const DEGREES = { green: 75, oolong: 85, black: 95 };

export function heat(tea) {
  // TODO: say so when the tea is not known
  return DEGREES[tea];
}
