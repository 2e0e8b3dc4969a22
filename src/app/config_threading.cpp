#include "config_threading.hpp"

#include <sportello/base/text.hpp>
#include <sportello/domain/placeholders.hpp>

#include <chrono>

namespace sportello::app {
namespace {

using namespace std::chrono_literals;

constexpr base::Duration year = 24h * 366;
constexpr std::size_t longest_question = 900; // fits into one message with what is put in its places

/// Calls `read` with each table [PREFIX.NAME].
template <class Read> void each_table(TableReader& root, const std::string& prefix, Read read)
{
    const toml::table* table = root.table(prefix);
    if (!table) return;
    for (auto&& [name, node] : *table) {
        const toml::table* inner = node.as_table();
        if (!inner) {
            root.problems().add(node, prefix + ": expected tables, as [" + prefix + ".default]");
            continue;
        }
        TableReader reader(*inner, prefix + "." + std::string(name.str()), root.problems());
        read(std::string(name.str()), reader);
        reader.end();
    }
}

} // namespace

std::map<std::string, domain::ThreadingPolicy, std::less<>> read_threading(TableReader& root)
{
    std::map<std::string, domain::ThreadingPolicy, std::less<>> policies{{"default", {}}};
    each_table(root, "threading", [&](const std::string& name, TableReader& reader) {
        domain::ThreadingPolicy policy;
        reader.duration("join_open_within", 0s, 24h * 30, policy.join_open_within);
        reader.duration("join_after_invitation", 0s, 24h * 30, policy.join_after_invitation);
        reader.duration("reopen_within", 0s, year, policy.reopen_within);
        reader.duration("close_solved_after", 0s, year, policy.close_solved_after);
        policies.insert_or_assign(name, policy);
    });
    return policies;
}

std::map<std::string, engine::RatingSettings, std::less<>> read_ratings(TableReader& root)
{
    std::map<std::string, engine::RatingSettings, std::less<>> ratings;
    each_table(root, "ratings", [&](const std::string& name, TableReader& reader) {
        engine::RatingSettings rating;
        rating.ask = true;
        reader.duration("ask_after", 0s, 24h, rating.ask_after);
        reader.duration("answer_within", 1h, 24h * 30, rating.answer_within);
        reader.text("text", rating.text);
        if (base::count_code_points(rating.text) > longest_question) reader.problem("text", "expected at most 900 characters");
        if (const auto wrong = domain::wrong_placeholder(rating.text)) {
            reader.problem("text", *wrong);
        }
        ratings.insert_or_assign(name, std::move(rating));
    });
    return ratings;
}

void read_policies(TableReader& brand, const std::map<std::string, domain::ThreadingPolicy, std::less<>>& threading,
                   const std::map<std::string, engine::RatingSettings, std::less<>>& ratings, engine::BrandSettings& settings)
{
    std::string policy = "default";
    brand.text("threading", policy);
    if (const auto found = threading.find(policy); found != threading.end()) settings.threading = found->second;
    else brand.problem("threading", "there is no [threading." + policy + "]");
    std::string rating;
    brand.text("ratings", rating);
    if (rating.empty()) return;
    if (const auto found = ratings.find(rating); found != ratings.end()) settings.rating = found->second;
    else brand.problem("ratings", "there is no [ratings." + rating + "]");
}

} // namespace sportello::app
