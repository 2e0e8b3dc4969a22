#pragma once

#include "house.hpp"
#include "x_text.hpp"
#include "x_wire.hpp"

#include <set>
#include <string>
#include <vector>

namespace sportello::simulator {

/// A company or a customer as X knows them.
struct XUser {
    std::string id, name, username;
    bool company = false;
};
[[nodiscard]] std::optional<XUser> x_user_by_id(const World& world, const std::string& id);
[[nodiscard]] std::optional<XUser> x_user_by_handle(const World& world, const std::string& handle);

/// What a call wants to see of posts and of what they point to.
struct XFields {
    std::set<std::string> tweet, user, media, expansions;

    /// Reads tweet.fields, user.fields, media.fields and expansions. Names that are not known are passed over or refused,
    /// as the simulator's settings say. @throw XFailure
    [[nodiscard]] static XFields read(const struct XCall& call);
};

/// Collects posts, and in `includes` and `errors` what their expansions lead to.
class XTweets {
public:
    XTweets(const House& house, XFields fields) : house_(house), fields_(std::move(fields)) {}
    void add(const Item& item) { add(item, item.now()); }
    /// One version of a post: older ones stay readable under their own ids.
    void add(const Item& item, const Version& version);
    void add_error(ordered_json error) { errors_.push_back(std::move(error)); }
    void add_user(const std::string& id);

    [[nodiscard]] ordered_json render(const Item& item, const Version& version) const;
    /// {"data": [...], "includes", "errors"}; empty members left out. @param single  `data` is the one object
    [[nodiscard]] ordered_json take(bool single);

private:
    void expand(const Item& item);
    void include_user(const std::string& id);

    const House& house_;
    XFields fields_;
    std::vector<ordered_json> data_, users_, tweets_, media_, errors_;
    std::set<std::string> included_users_, included_tweets_, included_media_;
};

[[nodiscard]] ordered_json render_x_user(const XUser& user, const std::set<std::string>& fields);

/// The post's own text as everybody reads it: for answers through the API with the "@author" that X puts in front.
[[nodiscard]] std::string shown_text(const House& house, const Item& item, const Version& version);

/// Adds the link by which X shows that something hangs at a text.
void add_media_link(WireText& wire, const Item& item);
/// The post that a text quotes: the last one of ours to which it links; null for none.
[[nodiscard]] const Item* quoted_by(const World& world, const Item& item);
/// What media.fields asks for of a file. @param fields  beside media_key and type, which always come
[[nodiscard]] ordered_json select_media(const ordered_json& media, const std::set<std::string>& fields);

/// Answers the user id of a handle, for entities.
[[nodiscard]] FindHandle handles_of(const World& world);

} // namespace sportello::simulator
