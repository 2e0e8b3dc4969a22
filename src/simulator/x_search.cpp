#include "x_search.hpp"

#include "ids.hpp"
#include "x_tweets.hpp"
#include <sportello/base/text.hpp>

#include <vector>

namespace sportello::simulator {
namespace {

std::string user_id(const World& world, std::string_view name)
{
    const auto user = x_user_by_handle(world, std::string(name));
    return user ? user->id : std::string(name);
}

bool mentions_handle(std::string_view text, std::string_view handle)
{
    const auto lower = ascii_lower(text);
    const auto wanted = "@" + ascii_lower(handle);
    const auto at = lower.find(wanted);
    return at != std::string::npos && (at + wanted.size() == lower.size() || !is_handle(lower.substr(at + wanted.size(), 1)));
}

class SearchParser {
public:
    SearchParser(const World& world, const std::string& query) : world_(world), query_(query) {}

    Matches whole()
    {
        auto matches = alternatives();
        if (at_ < query_.size()) throw bad("unexpected ')'");
        return matches;
    }

private:
    XFailure bad(const std::string& why) const
    {
        return x_bad_parameter("query", query_, "There were errors processing your request: " + why);
    }

    Matches alternatives()
    {
        std::vector<Matches> any{all()};
        while (eat_or()) any.push_back(all());
        return [any](const Item& item) { return std::ranges::any_of(any, [&](const Matches& m) { return m(item); }); };
    }

    Matches all()
    {
        std::vector<Matches> terms;
        for (skip_blanks(); at_ < query_.size() && query_[at_] != ')' && !looks_at_or(); skip_blanks()) terms.push_back(term());
        if (terms.empty()) throw bad("an operator is missing");
        return [terms](const Item& item) { return std::ranges::all_of(terms, [&](const Matches& m) { return m(item); }); };
    }

    Matches term()
    {
        if (query_[at_] == '-') {
            ++at_;
            const auto matches = term();
            return [matches](const Item& item) { return !matches(item); };
        }
        if (query_[at_] == '(') {
            ++at_;
            auto matches = alternatives();
            if (at_ >= query_.size()) throw bad("missing ')'");
            ++at_;
            return matches;
        }
        return literal(query_[at_] == '"' ? quoted() : word());
    }

    Matches literal(const std::string& text)
    {
        const auto colon = text.find(':');
        if (text.starts_with('@')) {
            return [name = text.substr(1)](const Item& item) { return mentions_handle(item.now().text, name); };
        }
        if (colon == std::string::npos || text.starts_with("http")) {
            return [folded = base::fold(text)](const Item& item) { return base::fold(item.now().text).find(folded) != std::string::npos; };
        }
        return named(text.substr(0, colon), text.substr(colon + 1));
    }

    Matches named(const std::string& name, const std::string& value)
    {
        const auto* world = &world_;
        if (name == "conversation_id") return [value](const Item& item) { return item.conversation == value; };
        if (name == "in_reply_to_tweet_id") return [value](const Item& item) { return item.in_reply_to == value; };
        if (name == "from") {
            return [id = user_id(world_, value)](const Item& item) { return item.author_id == id; };
        }
        if (name == "to") {
            return [world, id = user_id(world_, value)](const Item& item) {
                const auto* parent = world->find(Platform::twitter, item.in_reply_to);
                return parent && parent->author_id == id;
            };
        }
        if (name == "url") {
            return [folded = base::fold(value)](const Item& item) { return base::fold(item.now().text).find(folded) != std::string::npos; };
        }
        if (name == "is" && value == "quote") return [world](const Item& item) { return quoted_by(*world, item) != nullptr; };
        if (name == "is" && value == "reply") return [](const Item& item) { return !item.in_reply_to.empty(); };
        if (name == "is" && value == "retweet") return [](const Item&) { return false; };
        if (name == "lang" || name == "has") return [name](const Item&) { return name == "lang"; };
        throw bad("unknown operator " + name);
    }

    std::string quoted()
    {
        const auto end = query_.find('"', at_ + 1);
        if (end == std::string::npos) throw bad("missing '\"'");
        const auto text = query_.substr(at_ + 1, end - at_ - 1);
        at_ = end + 1;
        return text;
    }

    std::string word()
    {
        const auto start = at_;
        std::string text;
        // url:"example.org/a b": quotes behind an operator hold its value together.
        for (bool inside = false; at_ < query_.size() && (inside || (query_[at_] != ' ' && query_[at_] != ')')); ++at_) {
            if (query_[at_] == '"') {
                inside = !inside;
            } else {
                text += query_[at_];
            }
        }
        return text.empty() ? query_.substr(start, at_ - start) : text;
    }

    void skip_blanks()
    {
        while (at_ < query_.size() && query_[at_] == ' ') ++at_;
    }
    bool looks_at_or() const { return query_.compare(at_, 3, "OR ") == 0; }
    bool eat_or()
    {
        skip_blanks();
        if (!looks_at_or()) return false;
        at_ += 3;
        return true;
    }

    const World& world_;
    const std::string& query_;
    std::size_t at_ = 0;
};

} // namespace

Matches compile_search(const World& world, const std::string& query)
{
    if (query.empty() || query.size() > 512) {
        throw x_bad_parameter("query", query, "The `query` query parameter must have 1 to 512 characters");
    }
    return SearchParser(world, query).whole();
}

} // namespace sportello::simulator
