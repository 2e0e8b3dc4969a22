#include "top_level_domains.hpp"

#include "code_points.hpp"

#include <algorithm>
#include <array>

namespace sportello::domain {
namespace {

// Country codes in full and the generic names in common use, sorted. X takes an address under a name that is missing
// here for a link where we count its letters.
constexpr std::array<std::string_view, 873> ascii_names{
    "abb",         "ac",         "accountant",  "accountants", "actor",        "ad",          "ads",         "adult",
    "ae",          "aero",       "af",          "ag",          "agency",       "ai",          "aig",         "airforce",
    "al",          "alfaromeo",  "am",          "amsterdam",   "an",           "ao",          "apartments",  "app",
    "aq",          "ar",         "archi",       "army",        "art",          "as",          "asia",        "associates",
    "at",          "attorney",   "au",          "auction",     "audi",         "audio",       "auto",        "autos",
    "aw",          "aws",        "ax",          "axa",         "az",           "ba",          "baby",        "band",
    "bank",        "bar",        "barcelona",   "barclays",    "bargains",     "bayern",      "bb",          "bbc",
    "bd",          "be",         "beauty",      "beer",        "berlin",       "best",        "bet",         "bf",
    "bg",          "bh",         "bi",          "bible",       "bid",          "bike",        "bing",        "bio",
    "biz",         "bj",         "bl",          "black",       "blog",         "blue",        "bm",          "bmw",
    "bn",          "bnpparibas", "bo",          "boats",       "book",         "bosch",       "bot",         "boutique",
    "box",         "bq",         "br",          "broker",      "brussels",     "bs",          "bt",          "budapest",
    "build",       "business",   "buy",         "buzz",        "bv",           "bw",          "by",          "bz",
    "ca",          "cab",        "cafe",        "cam",         "camera",       "camp",        "canon",       "capetown",
    "capital",     "car",        "cards",       "care",        "career",       "careers",     "cars",        "casa",
    "cash",        "casino",     "cat",         "catering",    "cc",           "cd",          "center",      "ceo",
    "cern",        "cf",         "cg",          "ch",          "chanel",       "charity",     "chat",        "cheap",
    "christmas",   "church",     "ci",          "cisco",       "citi",         "city",        "ck",          "cl",
    "claims",      "cleaning",   "click",       "clinic",      "clothing",     "cloud",       "club",        "cm",
    "cn",          "co",         "coach",       "codes",       "coffee",       "college",     "cologne",     "com",
    "community",   "company",    "computer",    "condos",      "construction", "consulting",  "contact",     "contractors",
    "cooking",     "cool",       "coop",        "corsica",     "country",      "coupon",      "coupons",     "courses",
    "cr",          "credit",     "creditcard",  "cricket",     "cruises",      "cu",          "cv",          "cw",
    "cx",          "cy",         "cyou",        "cz",          "dance",        "data",        "date",        "dating",
    "de",          "deal",       "deals",       "degree",      "delivery",     "dell",        "deloitte",    "democrat",
    "dental",      "dentist",    "desi",        "design",      "dev",          "dhl",         "diamonds",    "diet",
    "digital",     "direct",     "directory",   "discount",    "dj",           "dk",          "dm",          "do",
    "doctor",      "dog",        "domains",     "download",    "dubai",        "durban",      "dz",          "earth",
    "eat",         "ec",         "eco",         "edeka",       "edu",          "education",   "ee",          "eg",
    "eh",          "email",      "energy",      "engineer",    "engineering",  "enterprises", "epson",       "equipment",
    "er",          "es",         "esq",         "estate",      "et",           "eu",          "eus",         "events",
    "exchange",    "expert",     "exposed",     "express",     "fail",         "faith",       "family",      "fan",
    "fans",        "farm",       "fashion",     "ferrari",     "fi",           "fiat",        "film",        "finance",
    "financial",   "fish",       "fishing",     "fit",         "fitness",      "fj",          "fk",          "flights",
    "florist",     "flowers",    "fm",          "fo",          "food",         "football",    "ford",        "forex",
    "forsale",     "forum",      "foundation",  "fox",         "fr",           "fun",         "fund",        "furniture",
    "futbol",      "fyi",        "ga",          "gal",         "gallery",      "game",        "games",       "garden",
    "gb",          "gd",         "ge",          "gent",        "gf",           "gg",          "gh",          "gi",
    "gift",        "gifts",      "gives",       "giving",      "gl",           "glass",       "global",      "gm",
    "gmail",       "gmbh",       "gn",          "gold",        "golf",         "goodyear",    "goog",        "google",
    "gov",         "gp",         "gq",          "gr",          "graphics",     "gratis",      "green",       "gripe",
    "group",       "gs",         "gt",          "gu",          "gucci",        "guide",       "guitars",     "guru",
    "gw",          "gy",         "hair",        "hamburg",     "haus",         "hbo",         "health",      "healthcare",
    "help",        "helsinki",   "here",        "hermes",      "hiphop",       "hitachi",     "hk",          "hm",
    "hn",          "hockey",     "holdings",    "holiday",     "homes",        "honda",       "horse",       "hospital",
    "host",        "hosting",    "hotel",       "hotels",      "house",        "how",         "hr",          "hsbc",
    "ht",          "hu",         "hyundai",     "ibm",         "ice",          "icu",         "id",          "ie",
    "ikano",       "il",         "im",          "immo",        "immobilien",   "in",          "inc",         "industries",
    "info",        "ink",        "institute",   "insurance",   "insure",       "int",         "intel",       "international",
    "investments", "io",         "iq",          "ir",          "irish",        "is",          "ist",         "istanbul",
    "it",          "jaguar",     "java",        "je",          "jeep",         "jetzt",       "jewelry",     "jm",
    "jo",          "jobs",       "joburg",      "jp",          "juegos",       "kaufen",      "ke",          "kg",
    "kh",          "ki",         "kia",         "kids",        "kim",          "kitchen",     "kiwi",        "km",
    "kn",          "koeln",      "kp",          "kpmg",        "kr",           "kw",          "ky",          "kyoto",
    "kz",          "la",         "lamborghini", "lancia",      "land",         "lat",         "law",         "lawyer",
    "lb",          "lc",         "lease",       "legal",       "lego",         "lexus",       "lgbt",        "li",
    "lidl",        "life",       "lighting",    "lilly",       "limited",      "limo",        "linde",       "link",
    "live",        "living",     "lk",          "llc",         "loan",         "loans",       "lol",         "london",
    "love",        "lr",         "ls",          "lt",          "ltd",          "ltda",        "lu",          "luxe",
    "luxury",      "lv",         "ly",          "ma",          "madrid",       "maison",      "management",  "map",
    "market",      "marketing",  "markets",     "maserati",    "mattel",       "mba",         "mc",          "md",
    "me",          "med",        "media",       "meet",        "melbourne",    "memorial",    "men",         "menu",
    "mf",          "mg",         "mh",          "miami",       "microsoft",    "mil",         "mitsubishi",  "mk",
    "ml",          "mm",         "mn",          "mo",          "mobi",         "mobile",      "moda",        "moe",
    "mom",         "money",      "monster",     "mortgage",    "moscow",       "moto",        "motorcycles", "movie",
    "mp",          "mq",         "mr",          "ms",          "mt",           "mu",          "museum",      "music",
    "mv",          "mw",         "mx",          "my",          "mz",           "na",          "nagoya",      "name",
    "navy",        "nc",         "ne",          "net",         "netflix",      "network",     "new",         "news",
    "nf",          "ng",         "ngo",         "ni",          "nike",         "nikon",       "ninja",       "nissan",
    "nl",          "no",         "nokia",       "now",         "np",           "nr",          "nrw",         "nu",
    "nyc",         "nz",         "observer",    "office",      "okinawa",      "olayan",      "om",          "omega",
    "one",         "ong",        "onion",       "onl",         "online",       "ooo",         "open",        "oracle",
    "orange",      "org",        "organic",     "osaka",       "pa",           "page",        "panasonic",   "paris",
    "partners",    "parts",      "party",       "pe",          "pet",          "pf",          "pg",          "ph",
    "pharmacy",    "phd",        "philips",     "phone",       "photo",        "photography", "photos",      "physio",
    "pics",        "pictures",   "pink",        "pioneer",     "pirelli",      "pizza",       "pk",          "pl",
    "place",       "plumbing",   "plus",        "pm",          "pn",           "poker",       "porn",        "post",
    "pr",          "prada",      "press",       "pro",         "productions",  "prof",        "promo",       "properties",
    "property",    "protection", "ps",          "pt",          "pub",          "pw",          "py",          "qa",
    "qpon",        "quebec",     "racing",      "radio",       "re",           "realestate",  "realtor",     "realty",
    "recipes",     "red",        "rehab",       "reise",       "reisen",       "rent",        "rentals",     "repair",
    "report",      "republican", "rest",        "restaurant",  "review",       "reviews",     "rich",        "ricoh",
    "rip",         "ro",         "rocks",       "rodeo",       "roma",         "rome",        "room",        "rs",
    "rsvp",        "ru",         "rugby",       "ruhr",        "run",          "rw",          "sa",          "saarland",
    "sale",        "salon",      "samsung",     "sap",         "sarl",         "save",        "sb",          "sc",
    "school",      "schule",     "science",     "scot",        "sd",           "se",          "search",      "seat",
    "secure",      "security",   "select",      "services",    "sex",          "sexy",        "sg",          "sh",
    "sharp",       "shiksha",    "shoes",       "shop",        "shopping",     "show",        "si",          "singles",
    "site",        "sj",         "sk",          "ski",         "skin",         "sky",         "skype",       "sl",
    "sm",          "sn",         "sncf",        "so",          "soccer",       "social",      "software",    "solar",
    "solutions",   "sony",       "soy",         "space",       "sport",        "spot",        "sr",          "srl",
    "ss",          "st",         "stockholm",   "storage",     "store",        "stream",      "studio",      "study",
    "style",       "su",         "sucks",       "supplies",    "supply",       "support",     "surf",        "surgery",
    "sv",          "swiss",      "sx",          "sy",          "sydney",       "systems",     "sz",          "taipei",
    "talk",        "tattoo",     "tax",         "taxi",        "tc",           "td",          "team",        "tech",
    "technology",  "tel",        "tennis",      "tf",          "tg",           "th",          "theater",     "theatre",
    "tickets",     "tienda",     "tim",         "tips",        "tires",        "tirol",       "tj",          "tk",
    "tl",          "tm",         "tn",          "to",          "today",        "tokyo",       "tools",       "top",
    "toshiba",     "tours",      "town",        "toyota",      "toys",         "tp",          "tr",          "trade",
    "trading",     "training",   "travel",      "tt",          "tube",         "tunes",       "tv",          "tw",
    "tz",          "ua",         "ug",          "uk",          "um",           "university",  "uno",         "us",
    "uy",          "uz",         "va",          "vacations",   "vc",           "ve",          "vegas",       "ventures",
    "vet",         "vg",         "vi",          "viajes",      "video",        "villas",      "vin",         "vip",
    "vision",      "vivo",       "vlaanderen",  "vn",          "vodka",        "volkswagen",  "volvo",       "vote",
    "voting",      "voto",       "voyage",      "vu",          "wales",        "watch",       "watches",     "weather",
    "web",         "webcam",     "website",     "wed",         "wedding",      "wf",          "wien",        "wiki",
    "win",         "wine",       "work",        "works",       "world",        "wow",         "ws",          "wtf",
    "xbox",        "xxx",        "xyz",         "yachts",      "yahoo",        "yandex",      "ye",          "yoga",
    "you",         "youtube",    "yt",          "za",          "zara",         "zip",         "zm",          "zone",
    "zw",
};

// Names in other scripts, longer ones first: they are followed by other letters of their script.
constexpr std::array<std::u32string_view, 90> other_names{
    U"சிங்கப்பூர்", U"موريتانيا", U"السعودية", U"البحرين", U"الجزائر", U"پاکستان", U"இந்தியா", U"москва", U"онлайн", U"الاردن",
    U"المغرب",   U"امارات",    U"فلسطين",   U"مليسيا",  U"भारतम्",   U"இலங்கை",   U"עברית",  U"ایران",  U"بازار",  U"بھارت",
    U"سودان",    U"سورية",     U"भारोत",    U"বাংলা",   U"భారత్",     U"ഭാരതം",   U"дети",   U"сайт",   U"بارت",   U"تونس",
    U"شبكة",     U"عراق",      U"عمان",     U"موقع",    U"ڀارت",    U"भारत",    U"ভারত",   U"ভাৰত",   U"ਭਾਰਤ",   U"ભારત",
    U"ଭାରତ",     U"ಭಾರತ",      U"ලංකා",     U"бел",     U"ком",     U"мкд",     U"мон",    U"орг",    U"рус",    U"срб",
    U"укр",      U"қаз",       U"հայ",      U"קום",     U"قطر",     U"مصر",     U"คอม",    U"ไทย",    U"ລາວ",    U"みんな",
    U"ストア",   U"中文网",    U"新加坡",   U"ελ",      U"ευ",      U"бг",      U"ею",     U"рф",     U"გე",     U"コム",
    U"世界",     U"中国",      U"中國",     U"公司",    U"公益",    U"台湾",    U"台灣",   U"商城",   U"在线",   U"游戏",
    U"澳門",     U"澳门",      U"移动",     U"网址",    U"网络",    U"餐厅",    U"香港",   U"닷넷",   U"닷컴",   U"한국",
};

static_assert(std::ranges::is_sorted(ascii_names));

/// What may not follow a name, or it is not the end of a host.
bool goes_on(std::u32string_view text, std::size_t at)
{
    if (at >= text.size()) return false;
    const auto c = text[at];
    return is_ascii_alnum(c) || c == U'@' || c == U'+' || c == U'-';
}

std::size_t ascii_name_length(std::u32string_view text)
{
    std::string word;
    std::size_t length = 0;
    while (length < text.size() && is_ascii_alnum(text[length])) {
        if (length == 20) return 0; // longer than any name
        word.push_back(static_cast<char>(to_ascii_lower(text[length++])));
    }
    if (goes_on(text, length)) return 0;
    return std::ranges::binary_search(ascii_names, std::string_view(word)) ? length : 0;
}

std::size_t other_name_length(std::u32string_view text)
{
    for (const auto name : other_names) {
        if (text.starts_with(name) && !goes_on(text, name.size())) return name.size();
    }
    return 0;
}

std::size_t punycode_length(std::u32string_view text)
{
    constexpr std::u32string_view prefix = U"xn--";
    if (text.size() <= prefix.size()) return 0;
    for (std::size_t at = 0; at < prefix.size(); ++at) {
        if (to_ascii_lower(text[at]) != prefix[at]) return 0;
    }
    auto length = prefix.size();
    while (length < text.size() && (is_ascii_alnum(text[length]) || text[length] == U'-')) ++length;
    return length > prefix.size() ? length : 0;
}

} // namespace

std::size_t top_level_domain_length(std::u32string_view text)
{
    if (text.empty()) return 0;
    if (text[0] >= 0x80) return other_name_length(text);
    if (const auto length = ascii_name_length(text)) return length;
    return punycode_length(text);
}

} // namespace sportello::domain
