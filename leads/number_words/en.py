"""English as it is spoken in India. Its teens and tens stand in `english`, which every language shares."""

from leads.number_words.table import NumberWords

EN = NumberWords(
    hundred="hundred hundreds",
    thousand="thousand thousands k grand",
    lakh="lakh lakhs lac lacs lakhs l",
    crore="crore crores cr",
    fixed={"half": 0.5, "quarter": 0.25, "for": 4, "won": 1, "ate": 8, "too": 2},
    rupee="rupees rupee rs inr bucks",
    point="point",
    weak="one oh too for won ate",
)

# Hindi in Latin letters, as callers type it and recognisers of English write it.
HINDI_IN_LATIN: dict[str, float] = {
    "shunya": 0, "sifar": 0, "jeero": 0, "ek": 1, "do": 2, "teen": 3, "tin": 3, "char": 4, "chaar": 4, "paanch": 5, "panch": 5,
    "paanc": 5, "chhe": 6, "chhah": 6, "che": 6, "chah": 6, "saat": 7, "sat": 7, "aath": 8, "aat": 8, "nau": 9, "nou": 9, "das": 10,
    "dus": 10, "gyarah": 11, "barah": 12, "baarah": 12, "terah": 13, "chaudah": 14, "pandrah": 15, "solah": 16, "satrah": 17,
    "atharah": 18, "unnis": 19, "bees": 20, "ikkees": 21, "pachees": 25, "pachchees": 25, "tees": 30, "chalis": 40, "chaalis": 40,
    "pachas": 50, "pachaas": 50, "saath": 60, "sattar": 70, "assi": 80, "nabbe": 90, "atthanve": 98, "ninyanve": 99,
}  # fmt: skip
HINDI_IN_LATIN_HALVES: dict[str, float] = {"dedh": 1.5, "derh": 1.5, "dhai": 2.5, "adhai": 2.5, "aadha": 0.5}
HINDI_IN_LATIN_WEAK = "do tin teen sat saath che char chah das dus bees assi saat"
