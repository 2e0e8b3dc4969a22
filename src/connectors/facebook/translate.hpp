#pragma once

#include "../json.hpp"
#include <sportello/connectors/connector.hpp>

#include <optional>
#include <string>
#include <vector>

namespace sportello::connectors::facebook {

// What is asked of each kind of object (Graph field expansion).
inline constexpr std::string_view comment_fields = "id,from,message,created_time,parent{id},permalink_url,is_hidden,attachment";
/// Thirty pictures fit into one message, more than the default page of an edge.
inline constexpr std::string_view message_fields = "id,created_time,from,to,message,attachments.limit(100),sticker,shares,reply_to";
/// Fields of a post without its comments.
[[nodiscard]] std::string post_fields();
/// Fields of a post with its newest `limit` comments of all levels.
[[nodiscard]] std::string post_fields_with_comments(int limit);
/// Fields of a conversation with its newest `limit` messages.
[[nodiscard]] std::string conversation_fields(int limit);

/// Collects what was translated; what cannot be understood, in whole or in part, is kept aside with the reason.
struct Collected {
    std::vector<domain::PlatformItem> items;
    std::vector<RejectedItem> rejected;
};

/// Translates the objects of one Page.
///
/// An object without a readable id or time is rejected. One that has both, but holds members of an unexpected type,
/// characters that are none, or more than an object may hold, becomes an item of what could be read: its author waits for
/// an answer all the same; the object as it came is rejected beside it.
class Translator {
public:
    explicit Translator(std::string page) : page_(std::move(page)) {}

    /// A row of the feed. @return the post's id, its root; empty when it was rejected.
    std::string post(const Json& row, Collected& out) const;
    void comment(const Json& row, const std::string& post_id, Collected& out) const;
    /// @param person  the other participant of the conversation (PSID); empty when unknown
    void message(const Json& row, const std::string& conversation_id, const std::string& person, Collected& out) const;
    /// The echoes of our own messages in a webhook's delivery.
    [[nodiscard]] std::vector<Confirmation> echoes(const Json& delivery) const;
    /// The person in a conversation: the participant that is not the Page.
    [[nodiscard]] std::string person_of(const Json& conversation) const;
    /// Whether `id` names a post of this Page ("PAGE_NUMBER") and not a comment.
    [[nodiscard]] bool is_post_id(std::string_view id) const;
    /// The post a comment's id points to ("POSTNUMBER_COMMENTNUMBER"); empty when it does not.
    [[nodiscard]] std::string post_of_comment(std::string_view id) const;

private:
    void set_author(domain::PlatformItem& item, const Json& from) const;

    std::string page_;
};

} // namespace sportello::connectors::facebook
