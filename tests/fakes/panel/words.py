"""What made-up titles, people and channels are put together from."""

from __future__ import annotations

from typing import Final


def _words(text: str) -> tuple[str, ...]:
    return tuple(word.strip().replace("_", " ") for word in text.split())


ADJECTIVES: Final = _words(
    "Silent Broken Golden Crimson Hidden Last Lost Bitter Distant Frozen Burning Hollow Quiet Savage "
    "Perfect Midnight Velvet Iron Paper Glass Endless Secret Wild Gentle Scarlet Fallen Rising Forgotten "
    "Sacred Naked Electric Invisible Restless Lonely Fearless Reckless Ancient Little Great Long Short "
    "Deep High Dark Bright Cold Warm Strange Familiar Beautiful Dangerous Innocent Guilty Honest Crooked "
    "Hungry Patient Violent Tender Blue Green White Black Red Silver Second Third Final First Only Other "
    "Same Good Bad Ugly Brave Foolish Northern Southern Eastern Western Royal Common Public Private "
    "Mortal Immortal Divine Cursed Blessed Stolen"
)
NOUNS: Final = _words(
    "River Mountain Garden Winter Summer Harvest Station Bridge Letter Mirror Window Harbor Island Forest "
    "Desert Ocean Storm Thunder Shadow Ghost Stranger Neighbor Brother Sister Daughter Father Mother "
    "Widow Orphan Hunter Soldier Captain Doctor Detective Lawyer Painter Dancer Singer Writer Teacher "
    "Pilot Sailor Farmer Miner Thief Killer Witness Prisoner Prophet Queen King Prince Princess Knight "
    "Dragon Wolf Tiger Raven Sparrow Falcon Serpent Spider Horse Hound Crown Sword Dagger Bullet Rifle "
    "Engine Machine Signal Frequency Equation Paradox Promise Secret Lie Truth Dream Nightmare Memory "
    "Silence Whisper Scream Kiss Wedding Funeral Birthday Holiday Journey Escape Pursuit Return Arrival "
    "Departure Awakening Reckoning Revenge Redemption Mercy Justice Honor Glory Fortune Disaster Accident "
    "Experiment Conspiracy Inheritance Bargain Contract Verdict Trial Sentence House Hotel Motel School "
    "Hospital Prison Castle Tower Cabin Cellar Attic Kitchen Factory Market Circus Theatre Museum Library "
    "Cathedral Temple Village City Kingdom Empire Republic Frontier Border Highway Road Train Ship "
    "Submarine Airport Lighthouse Orchard Meadow Valley Canyon Volcano Glacier Lagoon Swamp Reef"
)
PLACES: Final = _words(
    "Berlin Paris Vienna Lisbon Madrid Rome Naples Athens Istanbul Cairo Tangier Casablanca Havana Bogotá "
    "Lima Santiago Buenos_Aires São_Paulo Brooklyn Chicago Memphis Texas Montana Alaska Yukon Québec "
    "Dublin Glasgow London Oslo Malmö Tallinn Riga Kraków Łódź Budapest Zürich Genève Kyoto Osaka "
    "Shanghai Bombay Calcutta Nairobi Cape_Town Sydney Tasmania Mars Neptune Babylon Avalon Eden"
)
NAMES: Final = _words(
    "Amélie Simon Anna Clara Lola Max Felix Emma Oscar Hannah Miguel José Zoë Chloé François Jürgen Søren "
    "Björn Łukasz Agnieszka Inès Núria Márton Željko Dvořák Iñaki Ibrahim Aisha Kenji Yuki Priya Arjun "
    "Mei Ling Olga Ivan Natasha Dimitri Rocky Arthur Eleanor Beatrice Walter Harold Maud Iris Rose Violet "
    "Hugo Victor Bruno"
)
SURNAMES: Final = _words(
    "Moreau Lefèvre Garnier Dubois Müller Schäfer Köhler Weiß Novák Černý Kovács Szabó Nowak Wójcik Rossi "
    "Bianchi Conti García Ibáñez Muñoz Peña Sjöberg Lindström Ødegård Hansen Virtanen Okafor Adeyemi "
    "Mbeki Haddad Rahman Khan Sharma Patel Tanaka Sato Kim Park Nguyen Chen Wong Harris Walker Bennett "
    "Collins O'Neill MacLeod Price"
)
FOREIGN: Final = (
    ("Le fabuleux {noun} de {name}", "fr"),
    ("Les {noun}s oubliés", "fr"),
    ("Où est passée {name} ?", "fr"),
    ("L'été à {place}", "fr"),
    ("Der {noun} über {place}", "de"),
    ("Für {name}", "de"),
    ("Die Rückkehr nach {place}", "de"),
    ("El {noun} de {name}", "es"),
    ("Mañana en {place}", "es"),
    ("¿Dónde está {name}?", "es"),
    ("La città di {name}", "it"),
    ("Perché {name}", "it"),
    ("Coração de {place}", "pt"),
    ("Miłość w {place}", "pl"),
    ("{place}, kärlek", "sv"),
    ("Gece ve {noun}", "tr"),
)
SHORT: Final = (
    "Up",
    "It",
    "Us",
    "Z",
    "M",
    "Pi",
    "Ran",
    "Her",
    "Elf",
    "Rio",
    "Jaws",
    "Heat",
    "Big",
    "Go",
    "Ali",
)
DIGITS: Final = ("24", "300", "1917", "2012", "21", "9", "1984", "2046", "31", "1408", "13", "54")
ODD: Final = (
    "M*A*S*H",
    "What's Up, Doc?",
    "8½",
    "(500) Days of Summer",
    "Face/Off",
    "WALL·E",
    "Se7en",
    "Tom & Jerry",
    "Mission: Impossible – Fallout",
    "Good Night, and Good Luck.",
    "Yes!",
    "Crouching Tiger, Hidden Dragon",
)
GENRES: Final = _words(
    "Action Adventure Animation Comedy Crime Documentary Drama Family Fantasy History Horror Music "
    "Mystery Romance Science_Fiction Thriller War Western"
)
LANGUAGES: Final = ("EN", "DE", "FR", "ES", "IT", "PL", "TR", "NL", "PT", "AR")
COUNTRIES: Final = _words("UK US CA DE FR ES IT PT NL PL TR GR SE IN PK AR BR EX-YU AF RO")
NETWORKS: Final = (
    *_words(
        "Nova Atlas Meridian Polaris Orbit Vertex Aurora Lumen Delta Omega Kanal Télé Sol Antena Ritmo Zenit"
    ),
    *_words("Regio Capital Eins Prima Arena Pulse Echo Mundo Sète Rai-7 TV2 BBX NTK RTX"),
)
THEMES: Final = (
    "News",
    "Sport",
    "Sports 1",
    "Sports 2",
    "Movies",
    "Cinéma",
    "Kids",
    "Music",
    "Documentaries",
    "Nature",
    "Comedy",
    "Crime",
    "Lifestyle",
    "History",
    "Action",
    "Premium",
    "Max",
    "Plus",
    "One",
    "Family",
    "Wild",
    "Travel",
    "",
)
