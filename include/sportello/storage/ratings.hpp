#pragma once

#include <sportello/domain/model.hpp>
#include <sportello/storage/transaction.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sportello::storage {

/// A question how satisfied the customer is with a solved ticket, and its answer.
struct Rating {
    enum class State {
        due,       ///< to be asked at ask_at
        asked,     ///< the next private message may be the answer
        given,     ///< it was
        not_asked, ///< could not be asked: `why`
        passed     ///< the person wrote something else, or nothing in time
    };
    std::int64_t id = 0;
    domain::TicketId ticket;
    std::string brand;
    std::string channel;
    domain::IdentityId identity;
    domain::AgentId agent; ///< who solved it
    State state = State::due;
    std::string why;
    base::Instant ask_at{};
    std::optional<base::Instant> asked_at;
    std::optional<base::Instant> until; ///< an answer counts up to then
    std::optional<domain::ReplyId> reply;
    std::optional<std::int32_t> score; ///< 1 to 5
    std::optional<domain::MessageId> message;
    std::optional<base::Instant> given_at;
};
[[nodiscard]] std::string_view to_string(Rating::State value);

/// `rating.id` does not count.
std::int64_t insert_rating(Transaction& tx, const Rating& rating);
/// Writes state, why, asked_at, until, reply, score, message and given_at.
void save_rating(Transaction& tx, const Rating& rating);
std::vector<Rating> due_ratings(Transaction& tx, base::Instant now, std::int64_t limit);
std::optional<base::Instant> next_rating(Transaction& tx);
/// The question put to this person in this channel that is still open.
std::optional<Rating> asked_rating(Transaction& tx, std::string_view channel, domain::IdentityId identity);
/// The ticket's newest.
std::optional<Rating> last_rating_of(Transaction& tx, domain::TicketId ticket);
/// Whether a message is the answer to one.
bool is_rating_answer(Transaction& tx, domain::MessageId message);

} // namespace sportello::storage
