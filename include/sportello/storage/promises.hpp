#pragma once

#include <sportello/domain/promise.hpp>
#include <sportello/storage/transaction.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

/// By when messages were expected to be answered, and what became of that.
namespace sportello::storage {

/// Stores the promise of a message that begins to wait; of a message that has one nothing is changed. @return whether it is new.
bool insert_promise(Transaction& tx, domain::MessageId message, domain::TicketId ticket, std::string_view brand, base::Instant made_at,
                    const domain::Promise& promise);
/// The customer was told the ticket's open promise.
void mark_promise_told(Transaction& tx, domain::TicketId ticket);

struct OpenPromise {
    domain::MessageId message;
    std::string brand;
    base::Instant arrived_at{}; ///< platform time of the message
    base::Instant promised_at{};
    std::string why;
    bool told = false;
};
std::optional<OpenPromise> open_promise(Transaction& tx, domain::TicketId ticket);

/// The message was answered, in so much office time from its arrival.
void settle_promise(Transaction& tx, domain::MessageId message, base::Instant answered_at, base::Duration answered_in);
/// Nobody waits any more, without an answer: counts neither as kept nor as broken.
void void_promise(Transaction& tx, domain::MessageId message, base::Instant now);

/// Promises made in a span of time, by brand.
struct PromiseFigures {
    std::string brand;
    std::int64_t made = 0;
    domain::PromiseRecord record; ///< of those that have come to their end
    std::int64_t open = 0;        ///< waiting, and not late
    std::int64_t told = 0;
    std::int64_t voided = 0;
};
std::vector<PromiseFigures> promise_figures(Transaction& tx, base::Instant from, base::Instant to, base::Instant now);

/// The last promises of a brand that have come to their end: answered, or late at `now`.
domain::PromiseRecord last_promises(Transaction& tx, std::string_view brand, base::Instant now, std::int64_t limit);
/// How the last answered ones turned out.
std::vector<domain::PromiseOutcome> promise_outcomes(Transaction& tx, std::string_view brand, std::int64_t limit);

/// Between two answers of one person, one after the other, of the last `limit` answers of all: what an answer takes.
/// Automatic replies are left out.
std::vector<base::Duration> answer_gaps(Transaction& tx, base::Instant since, std::int64_t limit);

} // namespace sportello::storage
