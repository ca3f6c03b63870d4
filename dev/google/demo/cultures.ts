/** One written name: as its owner writes it, how it sounds where the script does not say, and Latin letters for addresses. */
export interface NamePart {
  written: string
  phonetic?: string
  latin: string
}

/** Where a made-up person comes from: names, towns, phone numbers set aside for fiction, and how their addresses are written. */
export interface Culture {
  given: NamePart[]
  family: NamePart[]
  /** ISO 3166-1 alpha-2 and its name. */
  country: [code: string, name: string]
  cities: string[]
  streets: string[]
  /** Numbers no subscriber has; `x` is any digit. National writing first, international second. */
  phones: [national: string, international: string][]
  /** Two family names, as in Spain. */
  doubleFamily?: boolean
}

// Words are separated by spaces; `written=latin` or `written=sound=latin` where the script is not Latin.
function parts(text: string): NamePart[] {
  return text.split(/\s+/).map((word) => {
    const [written = '', second, third] = word.split('=')
    if (third !== undefined) return { written, phonetic: second ?? '', latin: third }
    return { written, latin: second ?? plainLatin(written) }
  })
}

/** Letters an e-mail address takes: accents off, lower case. */
export function plainLatin(text: string): string {
  const special: Record<string, string> = { ß: 'ss', ø: 'o', ł: 'l', đ: 'd', æ: 'ae', ı: 'i', þ: 'th', ð: 'd', œ: 'oe' }
  return text
    .toLowerCase()
    .replace(/[ßøłđæıþðœ]/g, (letter) => special[letter] ?? letter)
    .normalize('NFD')
    .replace(/[^a-z0-9]/g, '')
}

// Ranges that the regulators keep for films and examples: NANPA 555-01xx, Ofcom, ARCEP, Bundesnetzagentur, PTS, ACMA.
const american: Culture['phones'] = [
  ['(202) 555-01xx', '+1 202-555-01xx'],
  ['(312) 555-01xx', '+1 312-555-01xx'],
  ['415.555.01xx', '+1 (415) 555-01xx'],
]
const british: Culture['phones'] = [
  ['020 7946 0xxx', '+44 20 7946 0xxx'],
  ['0161 496 0xxx', '+44 161 496 0xxx'],
  ['07700 900xxx', '+44 7700 900xxx'],
]
const french: Culture['phones'] = [
  ['01 99 00 xx xx', '+33 1 99 00 xx xx'],
  ['06 39 98 xx xx', '+33 6 39 98 xx xx'],
]
const german: Culture['phones'] = [
  ['030 23125 xxx', '+49 30 23125 xxx'],
  ['(089) 99998-xxx', '+49 89 99998 xxx'],
  ['0221/4710xxx', '+49 221 4710xxx'],
]
const swedish: Culture['phones'] = [
  ['08-465 004 xx', '+46 8 465 004 xx'],
  ['031-390 06 xx', '+46 31 390 06 xx'],
]
const australian: Culture['phones'] = [
  ['(02) 5550 xxxx', '+61 2 5550 xxxx'],
  ['(03) 7010 xxxx', '+61 3 7010 xxxx'],
]

const english = {
  given: parts(
    'Abigail Benedict Clementine Dexter Edith Felix Gwendolyn Hector Imogen Jasper Keziah Leopold Marigold Nathaniel Ottilie Percival Quentin Rosalind Silas Tabitha Ursula Vincent Winifred Xander Yvette Zachary',
  ),
  family: parts(
    "Ashgrove Birchmere Cloverfield Dewhurst-Lane Elmsworth Fernsby Gorsewell Hazelbrook Ivyton Junipertree Kelpstone Larchdale Mossbank Nettlefold O'Thistle Pinehollow Quincewood Rowanby Sedgecombe Thornapple Umberleigh Violetmoor Willowmead Yarrowby",
  ),
}

/** The cultures of the demo people, by a short name. */
export const cultures = {
  american: {
    ...english,
    country: ['US', 'United States'],
    cities: ['Springfield', 'Riverton', 'Fairview'],
    streets: ['Example Avenue', 'Sample Street', 'Placeholder Road'],
    phones: american,
  },
  british: {
    ...english,
    country: ['GB', 'United Kingdom'],
    cities: ['London', 'Manchester', 'Leeds'],
    streets: ['Example Lane', 'Sample Mews', 'Specimen Road'],
    phones: british,
  },
  australian: { ...english, country: ['AU', 'Australia'], cities: ['Sydney', 'Melbourne'], streets: ['Example Parade', 'Sample Crescent'], phones: australian },
  french: {
    given: parts('Amélie Benoît Célestine Désiré Éloïse François Gaëlle Hélène Joël Léontine Maël Noémie Océane Zoé'),
    family: parts('Beauchêne Clairfontaine Dupommier Érablier Fougeraie Grandpré Lœuillet Mûrier Noisetière Prunelle'),
    country: ['FR', 'France'],
    cities: ['Paris', 'Lyon', 'Besançon'],
    streets: ['rue de l’Exemple', 'avenue du Modèle'],
    phones: french,
  },
  german: {
    given: parts('Änne Björn Cäcilie Dörte Elfriede Günther Jürgen Käthe Lötte Märta Sören Uwe Wölfi'),
    family: parts('Apfelbäumer Birkenfließ Eschenröder Föhrenbach Größner Haselmüller Lärchner Straßner Weißdorn Überlinden'),
    country: ['DE', 'Deutschland'],
    cities: ['Berlin', 'München', 'Köln'],
    streets: ['Musterstraße', 'Beispielweg', 'Probegasse'],
    phones: german,
  },
  spanish: {
    given: parts('Ángeles Begoña Concepción Íñigo Joaquín Martín Nuño Óscar Raúl Sofía Úrsula'),
    family: parts('Avellano Cañaveral Encinar Fresneda Higuerón Limonés Manzanedo Nogueral Peñalba Robledal'),
    country: ['ES', 'España'],
    cities: ['Madrid', 'Málaga', 'A Coruña'],
    streets: ['calle del Ejemplo', 'plaza de la Muestra'],
    phones: french,
    doubleFamily: true,
  },
  nordic: {
    given: parts('Åsa Bjørn Frøya Göran Håkon Jökull Kjærsti Øystein Sigríður Tórunn Þórdís'),
    family: parts('Björkdal Eklövsund Granåsen Hasselgård Lindøen Rönnskär Ask-Sørby Tallmo Ålmark Íviðarson'),
    country: ['SE', 'Sverige'],
    cities: ['Stockholm', 'Göteborg'],
    streets: ['Exempelgatan', 'Provvägen'],
    phones: swedish,
  },
  central: {
    given: parts('Łucja Świętosława Żaneta Zdzisław Řehoř Šárka Žofie Győző Ágnes İpek Çağla Gülşen Ştefania Đurđa'),
    family: parts('Brzozówka Jesionowicz Świerkal Wiśniówna Jeřábník Šeříková Almafás Körtefái Zeytinoğlu Ihlamurcı Stejărescu Hrastović'),
    country: ['DE', 'Deutschland'],
    cities: ['Görlitz', 'Frankfurt (Oder)'],
    streets: ['Musterstraße', 'Vorlagenweg'],
    phones: german,
  },
  vietnamese: {
    given: parts('Bích Đào Hạnh Hồng Liên Ngọc Phượng Quỳnh Thảo Tường'),
    family: parts('Nguyễn Trần Lê Phạm Đặng Bùi'),
    country: ['AU', 'Australia'],
    cities: ['Sydney', 'Melbourne'],
    streets: ['Example Parade', 'Sample Crescent'],
    phones: australian,
  },
  greek: {
    given: parts('Αθηνά=athina Γιώργος=giorgos Ελένη=eleni Θάλεια=thaleia Ιάσων=iason Καλλιόπη=kalliopi Λυδία=lydia Νεφέλη=nefeli Ξένια=xenia Φοίβος=foivos'),
    family: parts('Αμπελίδης=ampelidis Δαφνάκης=dafnakis Ελατίδου=elatidou Θυμαρίδης=thymaridis Λεμονάκη=lemonaki Πλατανίδης=platanidis Ροδιάδη=rodiadi'),
    country: ['GB', 'United Kingdom'],
    cities: ['London'],
    streets: ['Sample Mews'],
    phones: british,
  },
  russian: {
    given: parts('Алёна=alyona Борис=boris Варвара=varvara Глеб=gleb Ефросинья=efrosinya Жанна=zhanna Илларион=illarion Марфа=marfa Фёдор=fyodor Юлия=yuliya'),
    family: parts('Берёзкин=beryozkin Вербин=verbin Ёлкин=yolkin Кленов=klenov Ольхин=olkhin Рябинкин=ryabinkin Щавелев=shchavelev'),
    country: ['DE', 'Deutschland'],
    cities: ['Berlin'],
    streets: ['Beispielweg'],
    phones: german,
  },
  ukrainian: {
    given: parts('Ївга=yivha Ґрифід=gryfid Оксана=oksana Остап=ostap Соломія=solomiia Тарасик=tarasyk'),
    family: parts('Калинченко=kalynchenko Вербняк=verbniak Ялинко=yalynko Їжаченко=yizhachenko Явірний=yavirnyi'),
    country: ['GB', 'United Kingdom'],
    cities: ['Leeds'],
    streets: ['Example Lane'],
    phones: british,
  },
  chinese: {
    given: parts('晓松=xiaosong 桂兰=guilan 思杉=sishan 雨桐=yutong 竹青=zhuqing 梓杨=ziyang 若梅=ruomei 柏林=bolin'),
    family: parts('林=lin 柳=liu 梅=mei 桑=sang 欧阳=ouyang 诸葛=zhuge 叶=ye'),
    country: ['US', 'United States'],
    cities: ['Riverton'],
    streets: ['Sample Street'],
    phones: american,
  },
  japanese: {
    given: parts('葵=あおい=aoi 陽菜=ひな=hina 悠真=ゆうま=yuma 蓮=れん=ren 楓=かえで=kaede 桔平=きっぺい=kippei 小百合=さゆり=sayuri 樹=いつき=itsuki'),
    family: parts(
      '杉森=すぎもり=sugimori 桜木=さくらぎ=sakuragi 竹沢=たけざわ=takezawa 白樺=しらかば=shirakaba 楠本=くすもと=kusumoto 柏葉=かしわば=kashiwaba 榎並=えなみ=enami',
    ),
    country: ['US', 'United States'],
    cities: ['Fairview'],
    streets: ['Example Avenue'],
    phones: american,
  },
  korean: {
    given: parts('가람=garam 나래=narae 누리=nuri 다솔=dasol 보람=boram 슬기=seulgi 한결=hangyeol'),
    family: parts('표=pyo 감=gam 소=so 편=pyeon 선우=sunwoo'),
    country: ['US', 'United States'],
    cities: ['Springfield'],
    streets: ['Sample Street'],
    phones: american,
  },
  arabic: {
    given: parts('ليلى=layla يوسف=yusuf مريم=maryam زياد=ziyad هالة=hala نسرين=nisrin سامر=samir دعاء=duaa'),
    family: parts('الزيتوني=alzaytuni النخيلي=alnukhayli الياسميني=alyasmini البستاني=albustani الصنوبري=alsanawbari الرمّاني=alrummani'),
    country: ['FR', 'France'],
    cities: ['Lyon'],
    streets: ['avenue du Modèle'],
    phones: french,
  },
  hebrew: {
    given: parts('נועה=noa אורי=uri תמר=tamar איתן=eitan שירה=shira יונתן=yonatan הדס=hadas'),
    family: parts('ברוש=brosh אלונים=alonim רימוני=rimoni זיתוני=zeituni ארזי=arzi שקדיה=shkedia'),
    country: ['US', 'United States'],
    cities: ['Fairview'],
    streets: ['Placeholder Road'],
    phones: american,
  },
  hindi: {
    given: parts('आशा=asha रवि=ravi मीरा=meera अर्जुन=arjun कविता=kavita दीपक=deepak तुलसी=tulsi'),
    family: parts('नीमवाला=neemwala पीपलकर=peepalkar चंदनकर=chandankar आमवाल=aamwal बरगदे=bargade अशोकवन=ashokvan'),
    country: ['GB', 'United Kingdom'],
    cities: ['Manchester'],
    streets: ['Specimen Road'],
    phones: british,
  },
} satisfies Record<string, Culture>

/** A culture's short name. */
export type CultureName = keyof typeof cultures
