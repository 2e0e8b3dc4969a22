#pragma once

#include <sportello/domain/model.hpp>
#include <sportello/domain/outage_words.hpp>

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

/// The outage radar: more people than is usual for this hour say that a service is out of order.
namespace sportello::domain {

/// One person said so.
struct OutageSignal {
    Instant at{};            ///< platform time
    std::int64_t person = 0; ///< a person counts once
    std::string brand;
    std::vector<std::string> services; ///< empty: not told which
    std::vector<std::string> places;   ///< keys of the gazetteer; empty: not told where
};

/// What an incident is about.
struct OutagePattern {
    std::string service;             ///< empty: any
    std::vector<std::string> places; ///< keys; empty: everywhere
    friend bool operator==(const OutagePattern&, const OutagePattern&) = default;
};

/// Whether a message is about an incident.
struct OutageFit {
    enum class Kind {
        no,
        named,   ///< it names a place of the incident, or the incident is everywhere
        unplaced ///< it names no place
    };
    Kind kind = Kind::no;
    std::string why; ///< in words; also why not
};
[[nodiscard]] OutageFit fit(const OutagePattern& pattern, std::span<const std::string> services, std::span<const std::string> places,
                            const Gazetteer& gazetteer);

struct RadarOptions {
    std::int64_t least_people = 6; ///< fewer propose nothing, however unusual they are
    double chance = 1e-6;          ///< so improbable by the usual rate a number must be
    Duration short_window = std::chrono::minutes(10);
    Duration long_window = std::chrono::hours(1);
};

/// How many signals an hour like this one usually brings, of a service ("": all) in a place ("": all).
using UsualRate = std::function<double(std::string_view service, std::string_view place)>;

struct OutageProposal {
    OutagePattern pattern;
    std::vector<std::size_t> members; ///< positions in what was looked at
    std::int64_t people = 0;          ///< in `window`
    Duration window{};
    double usual = 0; ///< people in `window`
    Instant began_at{};
    std::string confidence; ///< "fair", "high", "very high"
    std::string why;        ///< in words
};

/// Whether the newest signal, with those of the last hour, makes an outage probable.
///
/// For what it names (each service and all, each place, its province, and everywhere) the people of the last ten minutes
/// and of the last hour are held against the usual (Poisson). What is found is then drawn as narrow as most of those who
/// name a service or a place do.
/// @param recent  signals that belong to no incident, the newest among them; in any order
[[nodiscard]] std::optional<OutageProposal> look_for_outage(std::span<const OutageSignal> recent, const OutageSignal& newest,
                                                            const UsualRate& usual, const RadarOptions& options,
                                                            const Gazetteer& gazetteer);

/// The usual rate of an hour from those of the same hour in the weeks before: their mean without the busiest, which may
/// itself have been an outage, and never below `least`.
[[nodiscard]] double usual_rate(std::span<const double> weeks, double least);

/// What a signal counts for: its services and "", each with its places, their provinces and "".
struct OutageKey {
    std::string service;
    std::string place;
    friend auto operator<=>(const OutageKey&, const OutageKey&) = default;
};
[[nodiscard]] std::vector<OutageKey> keys_of(const OutageSignal& signal);

/// The probability that a Poisson variable with this mean is at least `count`.
[[nodiscard]] double poisson_tail(std::int64_t count, double mean);

/// The incident in a few words: "internet in Bologna, Imola", "an outage everywhere".
[[nodiscard]] std::string in_words(const OutagePattern& pattern, const Gazetteer& gazetteer);

} // namespace sportello::domain
