#pragma once

#include <sportello/http/message.hpp>

#include <nlohmann/json.hpp>

namespace sportello::simulator {

/// Whether a call speaks the newer dialect, in which a tweet is a post.
[[nodiscard]] bool speaks_of_posts(const http::Parameters& query);
/// The same query in the older words, which everything inside uses.
[[nodiscard]] http::Parameters in_older_words(const http::Parameters& query);
/// An answer in the newer words.
[[nodiscard]] nlohmann::ordered_json in_newer_words(const nlohmann::ordered_json& body);

} // namespace sportello::simulator
