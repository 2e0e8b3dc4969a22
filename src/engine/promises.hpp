#pragma once

#include <sportello/domain/promise.hpp>
#include <sportello/engine/promise_shadow.hpp>
#include <sportello/engine/settings.hpp>
#include <sportello/storage/transaction.hpp>

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sportello::engine {

struct Arrival;

/// Who answers a brand's messages at a time, and for which other brands besides.
struct PeopleOfBrand {
    std::int64_t count = 0;          ///< at work now; while the office is closed: that will be there
    std::vector<std::string> brands; ///< of which they share the queues
};
[[nodiscard]] PeopleOfBrand people_of(storage::Transaction& tx, const Settings& settings, std::string_view brand, base::Instant now);

/// What one answer takes a person: measured from the last answers, else as configured.
[[nodiscard]] base::Duration handling_time(storage::Transaction& tx, const Settings& settings, base::Instant now);

/// What the promises of one transaction go by; read once.
struct PromiseBasis {
    struct OfBrand {
        PeopleOfBrand people;
        double margin = 1;
        bool may_be_told = false;
    };
    std::map<std::string, OfBrand, std::less<>> brands;
    std::optional<base::Duration> handling;

    const OfBrand& of(storage::Transaction& tx, const Settings& settings, const std::string& brand, base::Instant now);
};

/// By when the message is answered, if it begins to wait: on the ticket and in `arrival.promise`.
void promise(Arrival& arrival);
/// Stores it, once ticket and message are.
void keep_promise(const Arrival& arrival);
/// An answer stands on the platform since `answered_at`: if the message with the ticket's open promise does not wait any
/// more, it is kept or broken.
void settle_promise(storage::Transaction& tx, const Settings& settings, const domain::Ticket& ticket, base::Instant answered_at);

} // namespace sportello::engine
