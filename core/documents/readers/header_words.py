"""Words that name columns: a row of them is a header even where all cells below are text too."""

from __future__ import annotations

import re

_WORDS = """
abbreviation abteilung account action active activity actor address adresse age agent airline airport
alias allergen alter altitude amount anbieter annotation année ansprechpartner answer anzahl apellido
applicant application area art article artikel artist asset attribute auditor aufgabe ausgabe auteur
author authority autor available average año balance bank batch bedeutung begin beginn begriff bemerkung
benefit beruf beschreibung bestand betrag bezeichnung billing birth birthday body book box branch brand
budget building bundesland business buyer cantidad capacity capital category categoría catégorie cause
cell channel chapter city ciudad class clause client cliente closed code color colour column commande
comment commentaire committee company component condition contact container content contract coordinator
cost count counterparty country county course cpu created creator credit criteria currency customer
código damage date datum dauer day days deadline debit default definition delay delivery department depth
descripción description design destination details device diagnosis diameter difference dimension
dirección director discipline discount disease distance district dose drug due duration durée désignation
edad effect effort einheit einnahmen email employee employees employer employé end ende ended ending
entity entry environment ergebnis error estado estimate event example expected expense expiry explanation
extension fach factor farbe fax feature fecha fee field file filename fin finding finish firm firma first
flag floor format formula fournisseur frequency from fruit function funktion gebiet geburtsdatum gender
genre geschlecht gewicht goal goals grade group gruppe größe guest head header height hersteller heure
holder hora hotel hour hours höhe icon id identifier impact importance importe in income index info
ingredient inhalt input institution instrument insurance interest interface interval invoice isbn issue
item items jahr job judge kategorie kennung key keyword kind klasse kommentar kosten kunde kundennummer
label land landlord language last latitude lead leader lehrer leiter length lessee level libellé library
licence license lieferant lieu limit line link list location login longitude lot lugar länge machine
maker manager manufacturer mark mass material matter maximum meaning measure measurement medication
meeting member menge menu mes message meter method metric miete mieter minimum minister ministry minutes
mitarbeiter mobile mode model module mois monat montant month months municipality nachname name names
nationality nickname no no. nom nombre note notes notice nr nr. number nummer numéro número object objet
observation occupation office officer open operator option order organisation organization origin ort os
outcome output owner page parameter parent part partei participant partner party password patient payment
pays país people per percent percentage period permission person phase phone photo pin place plan plant
platform player plot plz points policy population port position postcode poste power precio preis premium
president pressure price principal priority prix problem procedure process producer product producto
produit produkt profession profit program programme progress project projekt property protocol provider
province prénom publisher punkte purpose qty quality quantity quantité quarter quelle query question race
range rank rate rating raum reason receiver recipient record reference region registration relation
release remark remarks remarque rent reporter reporting representative request requirement resolution
resource response responsibility responsible result results revenue review revision rightsholder risk
river role rolle room route row rule région salaire salary saldo sale sales salutation sample school
schule scope score season seat section sector seite seller sender sent sequence serial series server
service session setting severity sex shelf ship shipper shop signal signature size skill solde source
species speed stadt stage stand standard start started starting state station status step stock storage
store straße street student stunde stück sub-category subject subtotal suite sum summary summe supervisor
supplier surname symbol symptom system table tag target tarif task tax teacher team tel tel. telefon
telephone teléfono temperature tenant term test text thema theme ticket time timestamp tipo titel title
titre to tool topic total town track train transaction translation treatment trigger typ type título
uhrzeit umsatz unit units until update updated url usage use used user username vacancy valid valor value
values variable vat vehicle vendor venue verkauf verkäufer vermieter version vessel village ville visitor
volume vorname wage ward warehouse web website week weight wert when where who width winner woche word
worker year years yield zahl zeit zeitraum ziel zimmer zip zone âge
"""
_LEXICON = frozenset(_WORDS.split())
_WORD = re.compile(r"[^\W\d_]+\.?")
# More words than this are a sentence or a person's title, not a name of a column.
MAX_NAME_WORDS = 7


def is_column_name(cell: str) -> bool:
    """Whether a cell reads as what a column is called: "Date of birth", "unit_price", "Name"."""
    words = [word.lower() for word in _WORD.findall(_spaced(cell))]
    if not 0 < len(words) <= MAX_NAME_WORDS:
        return False
    # The first or the last word says what it is, or the one before "of", "in", "per".
    return any(
        word in _LEXICON or word.rstrip(".") in _LEXICON for word in {words[0], words[-1], _head(words)}
    )


def _head(words: list[str]) -> str:
    for at, word in enumerate(words[1:], 1):
        if word in {"of", "in", "per", "for", "by", "de", "du", "des", "der"}:
            return words[at - 1]
    return words[-1]


def is_identifier(cell: str) -> bool:
    """Whether a cell is written as a program names a column: "unit_price", "orderId"."""
    return bool(re.fullmatch(r"[A-Za-z][A-Za-z0-9]*(?:_[A-Za-z0-9]+)+|[a-z]+(?:[A-Z][a-z0-9]+)+", cell))


def _spaced(cell: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", cell)
