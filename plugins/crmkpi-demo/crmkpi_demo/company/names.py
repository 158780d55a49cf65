"""Word lists the demo company is named from. All names are made up."""

from __future__ import annotations


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


COMPANY_FIRST = _words(
    "Alder Amber Arden Aster Atlas Beacon Birch Blue Bramble Bright Brook Cedar Cinder Clover "
    "Cobalt Copper Coral Crest Delta Drift Eagle East Ember Fern Field Flint Forge Fox Frost Glen "
    "Gold Granite Harbour Hazel Heron High Holm Iron Ivory Juniper Kestrel Lake Lark Laurel "
    "Linden Lotus Maple Marble Meadow Mill Moor Moss North Nova Oak Ocean Olive Onyx Opal Orchard "
    "Otter Pearl Pine Plum Polar Quarry Quartz Raven Reed Ridge River Robin Rowan Sage Sand "
    "Silver Sky Slate Solar South Sparrow Spruce Stone Storm Summit Swift Terra Thorn Timber Vale "
    "Velvet West Willow Winter Wren Zephyr"
)
COMPANY_SECOND = _words(
    "Analytics Automation Bank Biotech Brewing Chemicals Clinics Construction Consulting Couriers "
    "Dental Devices Diagnostics Dynamics Education Electronics Energy Engineering Farms Finance "
    "Foods Freight Furniture Games Health Holdings Hotels Industries Insurance Instruments Labs "
    "Legal Lighting Logistics Machines Marine Materials Media Medical Metals Mobility Motors "
    "Networks Optics Outdoors Packaging Paper Partners Pharma Plastics Power Press Properties "
    "Rail Retail Robotics Security Services Shipping Software Solutions Sports Steel Studios "
    "Supply Systems Telecom Textiles Tools Toys Trading Travel Vision Water Wind Works"
)
FIRST_NAMES = _words(
    "Aisha Alice Amelie Andrea Anna Anton Ben Bianca Camille Carla Carlos Chiara Clara Daniel "
    "David Elena Elias Emil Emily Emma Erik Eva Felix Finn Fiona Florian Freya George Giulia "
    "Grace Hannah Hugo Ida Ines Isabel Jack Jakob James Jana Jasper Johanna Jonas Julia Karim "
    "Katharina Lars Laura Lea Leo Lena Liam Lisa Louis Lucia Lukas Maja Marco Maria Marie Mark "
    "Martin Mateo Matthias Max Mia Michael Mila Nadia Nicolas Nina Nora Oliver Olivia Oscar Paul "
    "Paula Peter Philipp Pia Priya Rafael Robin Rosa Ruben Samuel Sara Sofia Sophie Stefan Tara "
    "Theo Thomas Tim Tom Valentina Victor Yara Zoe"
)
LAST_NAMES = _words(
    "Adams Albrecht Almeida Andersen Bauer Becker Bell Bennett Berg Bernard Bianchi Brandt Brown "
    "Carter Castro Clark Conti Cooper Costa Davies Dubois Dupont Edwards Engel Evans Ferrari "
    "Fischer Foster Fournier Franke Garcia Gray Green Gruber Haas Hall Hansen Harris Hartmann "
    "Hill Hoffmann Huber Hughes Jansen Jones Keller Kelly King Klein Koch Kovacs Kramer Krause "
    "Lang Lambert Larsen Lehmann Lewis Lopez Maier Marino Martin Meyer Miller Moore Moreau Morgan "
    "Moser Mueller Murphy Nguyen Nielsen Novak Olsen Parker Patel Pereira Peters Petit Phillips "
    "Pohl Popescu Richter Rivera Roberts Romano Rossi Roth Russo Santos Schmidt Schneider Schulz "
    "Scott Silva Simon Sousa Stein Taylor Vogel Wagner Walker Weber Weiss White Winkler Wolf "
    "Wright Young Ziegler"
)
INDUSTRIES = (
    "Manufacturing",
    "Software",
    "Financial Services",
    "Healthcare",
    "Retail",
    "Logistics",
    "Professional Services",
    "Energy",
    "Education",
)
# region -> (country, code, currency, cities, share)
COUNTRIES: dict[str, tuple[tuple[str, str, str, tuple[str, ...], float], ...]] = {
    "DACH": (
        ("Germany", "DE", "EUR", ("Berlin", "Munich", "Hamburg", "Cologne", "Leipzig"), 0.68),
        ("Austria", "AT", "EUR", ("Vienna", "Graz", "Linz"), 0.14),
        ("Switzerland", "CH", "CHF", ("Zurich", "Basel", "Bern"), 0.18),
    ),
    "UK & Ireland": (
        ("United Kingdom", "GB", "GBP", ("London", "Leeds", "Bristol", "Glasgow"), 0.85),
        ("Ireland", "IE", "EUR", ("Dublin", "Cork"), 0.15),
    ),
    "Benelux & France": (
        ("France", "FR", "EUR", ("Paris", "Lyon", "Nantes"), 0.5),
        ("Netherlands", "NL", "EUR", ("Amsterdam", "Utrecht", "Rotterdam"), 0.34),
        ("Belgium", "BE", "EUR", ("Antwerp", "Ghent"), 0.16),
    ),
    "Southern Europe": (
        ("Spain", "ES", "EUR", ("Madrid", "Barcelona", "Valencia"), 0.45),
        ("Italy", "IT", "EUR", ("Milan", "Turin", "Bologna"), 0.4),
        ("Portugal", "PT", "EUR", ("Lisbon", "Porto"), 0.15),
    ),
    "North America": (
        ("United States", "US", "USD", ("Boston", "Austin", "Denver", "Chicago", "Seattle"), 0.88),
        ("Canada", "CA", "USD", ("Toronto", "Montreal"), 0.12),
    ),
}
DIAL_CODES = {
    "DE": "49",
    "AT": "43",
    "CH": "41",
    "GB": "44",
    "IE": "353",
    "FR": "33",
    "NL": "31",
    "BE": "32",
    "ES": "34",
    "IT": "39",
    "PT": "351",
    "US": "1",
    "CA": "1",
}
JOB_TITLES = (
    "Head of Operations",
    "IT Manager",
    "CFO",
    "Chief Operating Officer",
    "Business Analyst",
    "Data Engineer",
    "Procurement Manager",
    "Head of Data",
    "Controller",
    "Product Owner",
    "Managing Director",
    "Project Manager",
)
