/** Folded words that carry grammar, or say of every figure that it is one: they tell nothing of what they stand beside. */
export const SMALL_WORDS: ReadonlySet<string> = new Set(
  [
    'every the and for but was are has had its they them this that these those same any all his her their you your who does did should would will can may must from with between than more until per each been have not only there also when where which were into out because being about after before during either else such what while whom whose could both very then just over under through',
    'cost costs price prices lasts takes kostet kosten dauert betragt coute coutent dure cuesta cuestan dura precio prix',
    'der die das den dem des und ein eine einen einer eines einem von vom zum zur bis mit auf fur bei ist sind wird werden nicht nur auch oder sich wer was wenn dass man aus nach uber unter ihre sein seine kann muss darf wurde wurden hat haben',
    'les des une pour par est sont pas aux dans sur avec que qui son ses leur leurs cette ces plus elle ils elles peut doit etre',
    'los las del por para con que una entre son sus como pero mas este esta estos estas debe puede hay ser tiene',
  ].flatMap((line) => line.split(' ')),
)
