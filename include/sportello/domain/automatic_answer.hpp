#pragma once

#include <sportello/domain/reply_routes.hpp>

#include <optional>
#include <string>

/// May something that no person wrote be sent to a customer? Platforms allow less of it than of people's answers.
namespace sportello::domain {

/// The author of what no person wrote: a row of its own among the agents that is in no list of people.
inline constexpr AgentId counter_itself{0};

/// Where an automatic message would go.
struct AutomaticFacts {
    Platform platform = Platform::facebook;
    Visibility visibility = Visibility::public_;    ///< of the conversation
    std::optional<Instant> last_private_inbound_at; ///< when the person last wrote there
    bool account_is_ours = true;                    ///< as in RouteFacts
    bool closed = false;                            ///< the ticket is closed for good
    std::string aside;                              ///< as Ticket::aside
};

/// X forbids automatic answers in public; a Page's comments are not answered without a person either. In private both allow
/// them: on X to a person who wrote first, on Messenger within 24 hours, without the week that human agents have.
/// @return why not, in words; empty when it may be sent.
[[nodiscard]] std::string why_no_automatic_answer(const AutomaticFacts& facts, Instant now);

/// Until when it may be sent; nothing: no end.
[[nodiscard]] std::optional<Instant> automatic_answers_until(const AutomaticFacts& facts);

} // namespace sportello::domain
