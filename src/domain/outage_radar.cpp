#include <sportello/domain/outage_radar.hpp>
#include <sportello/domain/outage_usual.hpp>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <set>

namespace sportello::domain {
namespace {

/// So large a share of those who name a place (a service) makes it the outage's.
constexpr double most = 0.7;
/// Fewer who name a place leave it open.
constexpr std::size_t least_placed = 3;
/// People do not write independently of each other: the usual counts for more than its mean.
constexpr double gregarious = 1.5;

bool names(const OutageSignal& signal, const OutageKey& key)
{
    const auto has_service = [&] {
        return std::find(signal.services.begin(), signal.services.end(), key.service) != signal.services.end();
    };
    const auto in_place = [&](const std::string& place) { return lies_in(place, key.place); };
    return (key.service.empty() || has_service()) &&
           (key.place.empty() || std::any_of(signal.places.begin(), signal.places.end(), in_place));
}

std::string rounded(double number)
{
    const auto tenths = static_cast<std::int64_t>(std::llround(number * 10));
    return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10);
}

std::string confidence_of(double chance)
{
    if (chance < 1e-12) return "very high";
    return chance < 1e-8 ? "high" : "fair";
}

struct Finding {
    OutageKey key;
    std::int64_t people = 0;
    Duration window{};
    double usual = 0;
    double chance = 1;
};

/// A word that at least `most` of those who say one say, with how many said any.
std::string common(const std::map<std::string, std::size_t>& counts, std::size_t sayers, std::size_t least)
{
    if (sayers < least) return {};
    std::string best;
    std::size_t most_often = 0;
    for (const auto& [word, count] : counts) {
        if (count > most_often) {
            best = word;
            most_often = count;
        }
    }
    return static_cast<double>(most_often) >= most * static_cast<double>(sayers) ? best : std::string();
}

/// As narrow as most of those who name a service or a place draw it.
OutagePattern narrowed(std::span<const OutageSignal* const> group, const OutageKey& key)
{
    std::map<std::string, std::size_t> services;
    std::map<std::string, std::size_t> provinces;
    std::map<std::string, std::size_t> places;
    std::size_t naming = 0;
    std::size_t placed = 0;
    for (const OutageSignal* signal : group) {
        naming += !signal->services.empty();
        placed += !signal->places.empty();
        for (const std::string& service : signal->services) ++services[service];
        std::set<std::string> in;
        for (const std::string& place : signal->places) {
            ++places[place];
            in.emplace(province_of(place));
        }
        for (const std::string& province : in) ++provinces[province];
    }
    OutagePattern pattern{.service = key.service, .places = {}};
    if (pattern.service.empty()) pattern.service = common(services, naming, least_placed);
    std::string place = common(places, placed, least_placed);
    if (place.empty()) place = common(provinces, placed, least_placed);
    if (place.empty()) place = key.place;
    if (!place.empty()) pattern.places.push_back(std::move(place));
    return pattern;
}

} // namespace

double poisson_tail(std::int64_t count, double mean)
{
    if (count <= 0) return 1;
    // From the count upwards, so that small chances keep their digits.
    const auto n = static_cast<double>(count);
    double term = std::exp(n * std::log(mean) - mean - std::lgamma(n + 1));
    double sum = 0;
    for (double k = n; k < n + 10'000; ++k) {
        sum += term;
        term *= mean / (k + 1);
        if (term < sum * 1e-12 && k > mean) break;
    }
    return std::min(sum, 1.0);
}

double usual_rate(std::span<const double> weeks, double least)
{
    if (weeks.empty()) return least;
    double sum = std::accumulate(weeks.begin(), weeks.end(), 0.0);
    auto count = static_cast<double>(weeks.size());
    if (weeks.size() > 2) {
        sum -= *std::max_element(weeks.begin(), weeks.end());
        --count;
    }
    return std::max(sum / count, least);
}

double least_usual(std::string_view service, std::string_view place)
{
    if (!place.empty()) return 0.2;
    return service.empty() ? 2.0 : 1.0;
}

std::vector<OutageKey> keys_of(const OutageSignal& signal)
{
    std::set<std::string> services(signal.services.begin(), signal.services.end());
    services.emplace();
    std::set<std::string> places(signal.places.begin(), signal.places.end());
    for (const std::string& place : signal.places) places.emplace(province_of(place));
    places.emplace();
    std::vector<OutageKey> keys;
    for (const std::string& service : services) {
        for (const std::string& place : places) keys.push_back({service, place});
    }
    return keys;
}

std::string in_words(const OutagePattern& pattern, const Gazetteer& gazetteer)
{
    std::string text = pattern.service.empty() ? "an outage" : pattern.service;
    if (pattern.places.empty()) return text + " everywhere";
    const char* before = " in ";
    for (const std::string& key : pattern.places) {
        const Place* place = gazetteer.by_key(key);
        text += before;
        if (place && place->is_province()) text += "the province of ";
        text += place ? place->name : key;
        before = ", ";
    }
    return text;
}

OutageFit fit(const OutagePattern& pattern, std::span<const std::string> services, std::span<const std::string> places,
              const Gazetteer& gazetteer)
{
    const bool same_service =
        pattern.service.empty() || services.empty() || std::find(services.begin(), services.end(), pattern.service) != services.end();
    if (!same_service) return {OutageFit::Kind::no, "it is about " + services.front() + ", not about " + pattern.service};
    const std::string service = services.empty() || pattern.service.empty() ? "" : "names " + pattern.service + " and ";
    if (pattern.places.empty()) return {OutageFit::Kind::named, service + "the outage is everywhere"};
    if (places.empty()) return {OutageFit::Kind::unplaced, service + "names no place"};
    for (const std::string& place : places) {
        for (const std::string& of_incident : pattern.places) {
            // "In the province of Bologna" may mean Bologna too.
            if (!lies_in(place, of_incident) && !lies_in(of_incident, place)) continue;
            const Place* known = gazetteer.by_key(place);
            return {OutageFit::Kind::named, service + "names " + (known ? known->name : place)};
        }
    }
    const Place* elsewhere = gazetteer.by_key(places.front());
    return {OutageFit::Kind::no, "it is about " + (elsewhere ? elsewhere->name : places.front())};
}

std::optional<OutageProposal> look_for_outage(std::span<const OutageSignal> recent, const OutageSignal& newest, const UsualRate& usual,
                                              const RadarOptions& options, const Gazetteer& gazetteer)
{
    if (static_cast<std::int64_t>(recent.size()) < options.least_people) return std::nullopt;
    std::optional<Finding> best;
    for (const OutageKey& key : keys_of(newest)) {
        for (const Duration window : {options.short_window, options.long_window}) {
            std::set<std::int64_t> people;
            for (const OutageSignal& signal : recent) {
                const bool within = signal.at > newest.at - window && signal.at <= newest.at + options.short_window;
                if (within && names(signal, key)) people.insert(signal.person);
            }
            const auto count = static_cast<std::int64_t>(people.size());
            if (count < options.least_people) continue;
            const double hours = std::chrono::duration<double, std::ratio<3600>>(window).count();
            const double mean = usual(key.service, key.place) * hours;
            const double chance = poisson_tail(count, std::max(mean * gregarious, 1e-9));
            if (chance < options.chance && (!best || chance < best->chance)) best = Finding{key, count, window, mean, chance};
        }
    }
    if (!best) return std::nullopt;

    std::vector<const OutageSignal*> group;
    for (const OutageSignal& signal : recent) {
        const bool within = signal.at > newest.at - best->window;
        if (within && names(signal, best->key)) group.push_back(&signal);
    }
    OutageProposal proposal;
    proposal.pattern = narrowed(group, best->key);
    proposal.people = best->people;
    proposal.window = best->window;
    proposal.usual = best->usual;
    proposal.began_at = newest.at;
    for (std::size_t i = 0; i < recent.size(); ++i) {
        const OutageSignal& signal = recent[i];
        if (signal.at <= newest.at - options.long_window) continue;
        if (fit(proposal.pattern, signal.services, signal.places, gazetteer).kind == OutageFit::Kind::no) continue;
        proposal.members.push_back(i);
        // Those of long before may be the ordinary noise.
        if (signal.at > newest.at - best->window) proposal.began_at = std::min(proposal.began_at, signal.at);
    }
    proposal.confidence = confidence_of(best->chance);
    const auto minutes = std::chrono::duration_cast<std::chrono::minutes>(best->window).count();
    proposal.why = std::to_string(best->people) + " people in " + std::to_string(minutes) + " minutes write of " +
                   in_words(proposal.pattern, gazetteer) + "; usual at this hour are " + rounded(best->usual);
    return proposal;
}

} // namespace sportello::domain
