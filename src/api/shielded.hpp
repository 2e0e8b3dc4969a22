#pragma once

#include "json_writer.hpp"

#include <sportello/domain/model.hpp>
#include <sportello/domain/personal_data.hpp>
#include <sportello/engine/command.hpp>
#include <sportello/engine/settings.hpp>
#include <sportello/storage/transaction.hpp>

#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace sportello::api {

/// The one way out for texts: masks personal data for who has no right to see it.
///
/// Lists show none to anybody. In a ticket, what stands in public is masked for all until they ask to see it
/// (POST /v1/messages/{id}/reveal, which is written down); what is private or internal is plain for the ticket's assignee
/// and for supervisors, and for who wrote it. What was released as a false hit is plain.
class Shielded {
public:
    /// For the texts of one ticket.
    Shielded(storage::Transaction& tx, const engine::Settings& settings, const engine::Actor& actor, const domain::Ticket& ticket);

    struct Span {
        std::size_t number = 0; ///< in the message, from 1
        domain::PersonalDataKind kind = domain::PersonalDataKind::phone;
        std::size_t at = 0; ///< in code points of the text shown
        std::size_t length = 0;
        bool masked = false;
        bool released = false;
    };
    struct Text {
        std::string text;
        std::vector<Span> spans;
    };
    /// @param is_public  it stands where everybody can read it
    /// @param author     of our people, who wrote it
    [[nodiscard]] Text show(std::string_view text, bool is_public, std::optional<domain::AgentId> author = std::nullopt) const;
    /// Whether the person sees what is private or internal here.
    [[nodiscard]] bool sees_private(std::optional<domain::AgentId> author = std::nullopt) const { return may_see_ || author == reader_; }
    /// A number that somebody gave to be called at: hidden as a whole, whatever it looks like.
    [[nodiscard]] std::string_view number(std::string_view digits, std::optional<domain::AgentId> author = std::nullopt) const
    {
        return sees_private(author) ? digits : domain::mask_sign;
    }
    /// The same without its spans.
    [[nodiscard]] std::string plain(std::string_view text, bool is_public, std::optional<domain::AgentId> author = std::nullopt) const;

private:
    const engine::Settings& settings_;
    domain::AgentId reader_;
    bool may_see_ = false;
    std::set<std::string, std::less<>> released_;
};

/// What of a message is where: `[{number, kind, at, length, masked, released}]`.
void write_spans(JsonWriter& json, const std::vector<Shielded::Span>& spans);

} // namespace sportello::api
