#include "x_dialect.hpp"

#include <array>
#include <string>
#include <utility>

namespace sportello::simulator {
using nlohmann::ordered_json;
namespace {

constexpr std::array<std::pair<const char*, const char*>, 9> words{{{"tweet.fields", "post.fields"},
                                                                    {"referenced_tweets", "referenced_posts"},
                                                                    {"note_tweet", "note_post"},
                                                                    {"edit_history_tweet_ids", "edit_history_post_ids"},
                                                                    {"pinned_tweet_id", "pinned_post_id"},
                                                                    {"most_recent_tweet_id", "most_recent_post_id"},
                                                                    {"tweet_count", "post_count"},
                                                                    {"tweets", "posts"},
                                                                    {"retweet_count", "repost_count"}}};

std::string replaced(std::string text, std::string_view from, std::string_view to)
{
    for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) text.replace(at, from.size(), to);
    return text;
}

} // namespace

bool speaks_of_posts(const http::Parameters& query)
{
    return query.find("post.fields").has_value();
}

http::Parameters in_older_words(const http::Parameters& query)
{
    http::Parameters older;
    for (const auto& [name, value] : query) {
        const bool names = name == "post.fields" || name == "expansions" || name == "dm_event.fields" || name == "user.fields";
        std::string text = value;
        for (const auto& [old_word, new_word] : words) {
            const std::string_view word = old_word;
            if (names && word != "tweets" && word != "tweet.fields") text = replaced(text, new_word, old_word);
        }
        older.add(name == "post.fields" ? "tweet.fields" : name, text);
    }
    return older;
}

ordered_json in_newer_words(const ordered_json& body)
{
    if (body.is_array()) {
        ordered_json all = ordered_json::array();
        for (const auto& one : body) all.push_back(in_newer_words(one));
        return all;
    }
    if (!body.is_object()) return body;
    ordered_json renamed = ordered_json::object();
    for (const auto& [name, value] : body.items()) {
        std::string shown = name;
        for (const auto& [old_word, new_word] : words) {
            if (name == old_word) shown = new_word;
        }
        renamed[shown] = in_newer_words(value);
    }
    return renamed;
}

} // namespace sportello::simulator
