#include "incident_checks.hpp"

#include "facts.hpp"

#include <sportello/base/text.hpp>
#include <sportello/domain/text_budget.hpp>
#include <sportello/storage/incidents.hpp>

#include <algorithm>
#include <utility>

namespace sportello::engine {
using base::Error;
using base::ErrorKind;
using base::Instant;
using base::Result;
using domain::Incident;
using domain::IncidentId;
using domain::TicketId;
using storage::Transaction;
using namespace std::chrono_literals;

namespace {

constexpr std::size_t longest_incident_text = 2'000;
constexpr std::size_t longest_note = 10'000;
constexpr std::size_t most_places = 200;
constexpr base::Duration farthest_end = 24h * 366;

bool may_see(const Actor& actor, const Incident& incident)
{
    return incident.brands.empty() ||
           std::any_of(incident.brands.begin(), incident.brands.end(), [&](const std::string& brand) { return actor.may_see(brand); });
}

/// The longest that one person's text can be, in the platform's measure.
std::size_t longest_for(const std::string& text, const BrandSettings* brand, domain::Platform platform, domain::TextUnit unit)
{
    domain::BroadcastFacts facts;
    facts.name = "Massimiliano";
    facts.ticket = TicketId{9'999'999};
    facts.brand = brand ? brand->name : "";
    facts.service = "internet";
    facts.language = brand ? brand->language : "it";
    facts.platform = platform;
    return domain::measure(domain::compose_broadcast(text, facts), unit);
}

} // namespace

Error in_conflict(std::string what)
{
    return Error(ErrorKind::conflict, std::move(what));
}

Result<Incident> visible_incident(Transaction& tx, IncidentId id, const Actor& actor)
{
    auto incident = storage::find_incident(tx, id);
    if (incident && !may_see(actor, *incident)) return Error(ErrorKind::not_found, "there is no incident " + std::to_string(id.value));
    return incident;
}

Result<std::string> checked_service(const Settings& settings, const std::string& service)
{
    const auto& known = settings.outages.words().services();
    if (service.empty() || std::find(known.begin(), known.end(), service) != known.end()) return service;
    std::string words;
    for (const std::string& word : known) words += (words.empty() ? "" : ", ") + word;
    return invalid("/service", "expected one of " + words + ", or nothing for any");
}

Result<std::vector<std::string>> checked_places(const Settings& settings, const std::vector<std::string>& given)
{
    std::vector<std::string> keys;
    if (given.size() > most_places) return invalid("/places", "at most " + std::to_string(most_places));
    for (std::size_t i = 0; i < given.size(); ++i) {
        const domain::Place* place = settings.outages.words().places().meant(given[i]);
        if (!place) {
            return invalid("/places/" + std::to_string(i),
                           "is no place that is known: write a municipality, \"provincia di …\" or its two letters");
        }
        if (std::find(keys.begin(), keys.end(), place->key) == keys.end()) keys.push_back(place->key);
    }
    return keys;
}

Result<std::vector<std::string>> checked_brands(const Settings& settings, const std::vector<std::string>& given, const Actor& actor)
{
    std::vector<std::string> brands;
    for (std::size_t i = 0; i < given.size(); ++i) {
        if (!settings.brand(given[i]) || !actor.may_see(given[i])) return invalid("/brands/" + std::to_string(i), "is no brand of yours");
        if (std::find(brands.begin(), brands.end(), given[i]) == brands.end()) brands.push_back(given[i]);
    }
    if (!given.empty()) return brands;
    for (const BrandSettings& brand : settings.brands) {
        if (actor.may_see(brand.id)) brands.push_back(brand.id);
    }
    return brands;
}

Result<std::string> checked_note(const std::string& given)
{
    std::string text = base::clean_utf8(base::trim(given));
    if (base::count_code_points(text) > longest_note) return invalid("/text", "at most " + std::to_string(longest_note) + " characters");
    return text;
}

Result<void> check_times(Instant began_at, std::optional<Instant> expected_end, Instant now)
{
    if (began_at > now + farthest_end || began_at < now - farthest_end) return invalid("/began_at", "must be within a year");
    if (expected_end && *expected_end <= began_at) return invalid("/expected_end", "must be after it began");
    if (expected_end && *expected_end > now + farthest_end) return invalid("/expected_end", "must be within a year");
    return {};
}

Result<void> check_texts(const Settings& settings, domain::BroadcastTexts& texts, const Incident& incident, bool to_all)
{
    const auto check = [](std::string& text, const std::string& pointer) -> Result<void> {
        text = base::clean_utf8(base::trim(text));
        if (text.empty()) return invalid(pointer, "must not be empty");
        if (base::count_code_points(text) > longest_incident_text)
            return invalid(pointer, "at most " + std::to_string(longest_incident_text) + " characters");
        if (const auto sound = domain::check_broadcast(text); !sound) return invalid(pointer, sound.error().what());
        return {};
    };
    if (const auto sound = check(texts.text, "/text"); !sound) return sound;
    for (auto& [key, text] : texts.variants) {
        const std::string pointer = "/variants/" + key;
        const auto slash = key.find('/');
        const std::string brand = key.substr(0, slash);
        const bool platform_only = slash == std::string::npos && domain::parse_platform(key);
        const bool known =
            platform_only || (settings.brand(brand) && (slash == std::string::npos || domain::parse_platform(key.substr(slash + 1))));
        if (!known) return invalid("/variants", "\"" + key + "\" is no brand, no platform and no BRAND/PLATFORM");
        if (const auto sound = check(text, pointer); !sound) return sound;
    }
    // On X each is one post: a thread to each of thousands would be called spam.
    for (const ChannelSettings& channel : settings.channels) {
        const bool concerned =
            incident.brands.empty() || std::find(incident.brands.begin(), incident.brands.end(), channel.brand) != incident.brands.end();
        if (channel.platform != domain::Platform::twitter || !concerned) continue;
        const std::string& text = texts.of(channel.brand, channel.platform);
        const auto budget = domain::budget_for(channel.platform, domain::Visibility::public_, channel.public_limit);
        const std::size_t length =
            to_all ? longest_for(text, settings.brand(channel.brand), channel.platform, budget.unit) : domain::measure(text, budget.unit);
        if (length > budget.limit) {
            return invalid(&text == &texts.text ? "/text" : "/variants", "too long for one post on X with salutation and reference: by " +
                                                                             std::to_string(length - budget.limit) +
                                                                             "; give a shorter one for \"twitter\"");
        }
    }
    return {};
}

Result<void> check_selection_texts(const Settings& settings, domain::BroadcastTexts& texts)
{
    if (const auto sound = check_texts(settings, texts, Incident{}, true); !sound) return sound;
    const auto names_incident = [](const std::string& text) {
        return text.find("{service}") != std::string::npos || text.find("{place}") != std::string::npos;
    };
    bool named = names_incident(texts.text);
    for (const auto& [key, text] : texts.variants) named = named || names_incident(text);
    if (named) return invalid("/text", "{service} and {place} are of an incident; here are {name}, {reference} and {brand}");
    return {};
}

} // namespace sportello::engine
