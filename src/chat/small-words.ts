/** Folded words that carry grammar, or say of every figure that it is one: they tell nothing of what they stand beside. */
export const SMALL_WORDS: ReadonlySet<string> = new Set(
  [
    'every the and for but was are has had its they them this that these those same any all his her their you your who does did should would will can may must from with between than more until per each been have not only there also when where which were into out because being about after before during either else such what while whom whose could both very then just over under through',
    'cost costs price prices lasts takes kostet kosten dauert betragt coute coutent dure cuesta cuestan dura precio prix',
    'der die das den dem des und ein eine einen einer eines einem von vom zum zur bis mit auf fur bei ist sind wird werden nicht nur auch oder sich wer was wenn dass man aus nach uber unter ihre sein seine kann muss darf wurde wurden hat haben',
    'les des une pour par est sont pas aux dans sur avec que qui son ses leur leurs cette ces plus elle ils elles peut doit etre',
    'los las del por para con que una entre son sus como pero mas este esta estos estas debe puede hay ser tiene',
    'yes however therefore instead additionally still always usually case here however otherwise whether without within upon against already yet',
    'dort hingegen dafur damit dann weiterhin jedoch also somit daher diesem dieser dieses diese diesen falls fall hier aber noch schon immer dabei dazu ohne gegen sie ihnen ihr mussen durfen konnen gibt werden worden',
    'oui donc aussi toutefois cependant alors ici cela celle ceux votre vos vous nous leur encore toujours sans fait sera seront avoir',
    'tambien ademas embargo entonces aqui esto eso ese esa caso usted ustedes siempre aun sin sera seran haber puedes tienes',
  ].flatMap((line) => line.split(' ')),
)
