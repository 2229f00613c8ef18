/**
 * English words that carry grammar rather than a subject: they count for less and find no candidates. Other languages need no
 * list: their common words are common in their documents, and weigh little by that.
 */
export const FUNCTION_WORDS: ReadonlySet<string> = new Set(
  `a about after all also am an and any are as at be because been before being between both but by can could did do does doing
  down during each for from further had has have having he her here hers him his how i if in into is it its itself just me more
  most my no nor not of off on once only or other our out over own s same she should so some such t than that the their them
  then there these they this those through to too under until up very was we were what when where which while who whom whose
  why will with would you your`.split(/\s+/),
)
