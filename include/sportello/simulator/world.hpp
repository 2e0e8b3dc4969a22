#pragma once

#include <sportello/base/error.hpp>
#include <sportello/base/random.hpp>
#include <sportello/base/time.hpp>

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace sportello::simulator {

using base::Duration;
using base::Instant;

enum class Platform { facebook, twitter };
enum class Kind { post, comment, mention, direct_message };
[[nodiscard]] std::string_view to_string(Platform platform);
[[nodiscard]] std::string_view to_string(Kind kind);
[[nodiscard]] std::optional<Platform> parse_platform(std::string_view word);
[[nodiscard]] std::optional<Kind> parse_kind(std::string_view word);

/// A company's Page or X account.
struct Account {
    Platform platform = Platform::facebook;
    std::string account;              ///< Page id, or handle without '@'
    std::string id;                   ///< the platform's user id; of a Page the Page id
    std::string name;                 ///< as shown
    bool ageless = false;             ///< no rule about old posts holds here (the corpus)
    bool token_valid = true;          ///< false: every call with this account's token is refused
    std::set<std::string> withheld{}; ///< Facebook: permissions that the token was not given
};

/// Somebody who writes to the companies. On Facebook a person has another id for each Page.
struct Person {
    std::string id;
    std::string name;
    std::string handle; ///< X only, without '@'
    std::string author; ///< as the control API named the person
};

/// What hangs at an item beside its text.
struct Media {
    std::string type; ///< "image", "video", "audio", "file", "sticker", "link"
    std::string url;
    std::string name;
};

/// One wording of an item. On X every edit has an id of its own.
struct Version {
    std::string id;
    std::string text; ///< plain: nothing escaped, links in full
    Instant at;
};

/// A post, comment, tweet or private message, and what became of it. Items are never forgotten.
struct Item {
    std::size_t account = 0; ///< index into World::accounts()
    Platform platform = Platform::facebook;
    Kind kind = Kind::post;
    std::string id; ///< the first version's, by which the truth knows it
    std::vector<Version> versions;
    std::string author_id;
    std::string author;     ///< a customer: as the control API named them; a company: its account
    bool own = false;       ///< written by the account itself
    bool addressed = false; ///< X: shown among the account's mentions whatever its text
    std::string in_reply_to;
    std::string conversation; ///< id of the root, or of the private conversation
    std::string metadata;     ///< Messenger: what the sender attached
    bool by_app = false;      ///< written through the platform's API, not by hand
    bool undisclosed = false; ///< Facebook: readers are not told the author
    bool tagged = false;      ///< Facebook: a post that stands with its author and names the Page
    bool hidden = false;      ///< Facebook: shown to its author only
    bool liked = false;       ///< Facebook: by the Page
    std::vector<Media> media;
    Instant at;
    Instant changed; ///< Facebook's updated_time: written, edited, commented
    bool deleted = false;

    [[nodiscard]] const Version& now() const { return versions.back(); }
    [[nodiscard]] bool edited() const { return versions.size() > 1; }
};

/// What somebody writes; the world gives it an id.
struct NewItem {
    Platform platform = Platform::facebook;
    std::string account;
    Kind kind = Kind::post;
    std::string author; ///< the account itself, or a customer
    std::string text;
    std::string in_reply_to;
    std::optional<Instant> at;
    std::string id;           ///< only the corpus brings its own
    std::string recipient_id; ///< private messages of the account: the person
    std::string metadata;
    bool by_app = false;
    bool undisclosed = false;
    bool tagged = false;      ///< Facebook, a customer's post: on their own pages, naming the Page
    std::vector<Media> media; ///< with any of it the text may be empty
    std::string label;        ///< by which a player finds it again; empty: none
};

/// A private conversation of one account with one person.
struct Thread {
    std::string id;
    std::size_t account = 0;
    std::string person_id;
    std::vector<const Item*> messages; ///< in the order they were written
};

/// What has just become of an item, for those who tell others.
struct Happening {
    enum class What { written, edited, erased, hidden, unhidden, liked, unliked };
    What what = What::written;
    const Item* item = nullptr; ///< as it is now
};

/// Everything that was ever written on the simulated platforms. Every change is one JSON line that a listener may keep;
/// replaying the lines gives the same world. Not shared between threads.
class World {
public:
    explicit World(base::Random& random) : random_(random) {}
    World(const World&) = delete;
    World& operator=(const World&) = delete;

    /// Receives each change, one JSON object without line breaks, before it is visible.
    void on_change(std::function<void(std::string_view)> listener) { listener_ = std::move(listener); }
    /// Is told what becomes of items, after each change; not while changes are replayed.
    void on_happening(std::function<void(const Happening&)> observer) { observers_.push_back(std::move(observer)); }
    /// Repeats a change. @return invalid_input when the line is not one of ours.
    base::Result<void> replay(std::string_view line);

    /// Adds an account, or does nothing when it is there already.
    void add_account(const Account& account);
    /// @return the id. invalid_input names the bad field, not_found an unknown account.
    base::Result<std::string> write(const NewItem& item, Instant now);
    /// @param id  any id the item ever had. @return the id of the new version.
    /// @param keep_media  false: what hangs at it goes (Facebook's API, when an edit does not repeat it)
    base::Result<std::string> edit(std::string_view id, const std::string& text, Instant now, bool keep_media = true);
    /// Marks that an item of Facebook may bear.
    enum class Mark { hidden, liked };
    base::Result<void> mark(std::string_view id, Mark mark, bool set);
    base::Result<void> erase(std::string_view id, Instant now);
    base::Result<void> set_token_valid(Platform platform, std::string_view account, bool valid);
    /// Takes permissions from a Page's token; an empty set gives all back.
    base::Result<void> withhold(std::string_view page, const std::set<std::string>& permissions);
    /// Keeps a text under a key, for what is neither item nor account (tokens, subscriptions); an empty one is forgotten.
    void keep(const std::string& key, const std::string& text);
    [[nodiscard]] std::string kept(const std::string& key) const;
    /// All that is kept, by key.
    [[nodiscard]] const std::map<std::string, std::string>& all_kept() const { return kept_; }
    /// Remembers that a player came to row `row` (counted from 1).
    void mark_played(const std::string& player, std::size_t row);
    [[nodiscard]] std::size_t played(const std::string& player) const;
    /// The id of the item that was written under `label`; empty when there is none.
    [[nodiscard]] std::string labelled(const std::string& label) const;

    [[nodiscard]] const std::deque<Account>& accounts() const { return accounts_; }
    [[nodiscard]] const std::deque<Item>& items() const { return items_; }
    /// By Page id, handle (without case) or user id.
    [[nodiscard]] std::optional<std::size_t> find_account(Platform platform, std::string_view account) const;
    /// By any id the item ever had, deleted ones included; null when there is none.
    [[nodiscard]] const Item* find(Platform platform, std::string_view id) const;
    [[nodiscard]] const Person* find_person(Platform platform, std::string_view id) const;
    [[nodiscard]] const Person* find_handle(std::string_view handle) const;

    /// Orders items as the platforms list them: by time, then by id.
    struct Later {
        bool operator()(const Item* a, const Item* b) const;
    };
    using Listing = std::set<const Item*, Later>; ///< newest first
    /// Facebook: posts on the Page; X: the account's own tweets. Deleted ones are left out.
    [[nodiscard]] const Listing& posts(std::size_t account) const;
    /// X: what others wrote to the account.
    [[nodiscard]] const Listing& mentions(std::size_t account) const;
    /// Facebook: everything under a post, at any depth; X: every tweet of a conversation.
    [[nodiscard]] const std::vector<const Item*>& thread_of(Platform platform, std::string_view root) const;
    [[nodiscard]] const Thread* find_thread(Platform platform, std::string_view id) const;
    [[nodiscard]] const Thread* thread_with(std::size_t account, std::string_view person_id) const;
    /// The account's private conversations, in the order they began.
    [[nodiscard]] const std::vector<const Thread*>& threads(std::size_t account) const;
    /// Whether `item` names the account's handle in its text.
    [[nodiscard]] bool names(const Item& item, std::size_t account) const;

private:
    struct Shelf { ///< one account's lists
        Listing posts, mentions;
        std::vector<const Thread*> threads;
    };
    struct Change;

    void commit(const Change& change);
    void apply(const Change& change);
    void apply_item(const Change& change);
    void apply_edit(const Change& change);
    void apply_erase(const Change& change);
    void apply_mark(const Change& change);
    void tell(const Change& change) const;
    void list(const Item& item);
    void unlist(const Item& item);
    const Person& person_for(std::size_t account, const std::string& author);
    base::Result<void> place_public(const NewItem& item, std::size_t account, Change& change) const;
    base::Result<void> place_private(const NewItem& item, std::size_t account, bool own, Change& change);
    std::string next_id(std::size_t account, Kind kind, const Item* parent, Instant at);

    base::Random& random_;
    std::function<void(std::string_view)> listener_;
    std::vector<std::function<void(const Happening&)>> observers_;
    std::deque<Account> accounts_;
    std::deque<Shelf> shelves_;
    std::deque<Item> items_;
    std::deque<Person> people_;
    std::deque<Thread> threads_;
    std::unordered_map<std::string, Item*> by_id_;
    std::unordered_map<std::string, const Person*> person_by_id_;
    std::unordered_map<std::string, const Person*> person_by_author_;
    std::unordered_map<std::string, const Person*> person_by_handle_;
    std::unordered_map<std::string, std::vector<const Item*>> by_root_;
    std::unordered_map<std::string, Thread*> thread_by_id_;
    std::map<std::string, std::string> kept_;
    std::map<std::string, std::size_t> played_;
    std::unordered_map<std::string, std::string> labels_;
};

} // namespace sportello::simulator
