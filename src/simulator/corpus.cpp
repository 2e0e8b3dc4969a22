#include <sportello/simulator/simulator.hpp>

#include <nlohmann/json.hpp>

#include <fstream>
#include <optional>
#include <set>

namespace sportello::simulator {
using base::Error;
using base::ErrorKind;
using base::Result;
using nlohmann::json;
namespace {

constexpr std::string_view corpus_columns = "id, at, author, inbound, brand, in_reply_to and text";
constexpr std::string_view scenario_columns = "after_seconds, platform, account, kind, author and text";

/// Calls `read` with each line as JSON. @return an error with file and line when one cannot be used
template <class Read> Result<void> read_lines(const std::string& file, std::string_view expected, Read read)
{
    std::ifstream stream(file);
    if (!stream) return Error(ErrorKind::unavailable, "cannot read " + file + ": give a file that is there and readable");
    std::string line;
    for (std::size_t number = 1; std::getline(stream, line); ++number) {
        if (line.empty() || line.starts_with('#')) continue;
        const auto where = file + ":" + std::to_string(number) + ": ";
        try {
            read(json::parse(line));
        } catch (const json::exception& error) {
            return Error(ErrorKind::invalid_input,
                         where + "a JSON object with " + std::string(expected) + " was expected (" + error.what() + ")");
        } catch (const Error& error) {
            return error.while_doing(where.substr(0, where.size() - 2));
        }
    }
    return {};
}

Instant read_time(const json& row)
{
    const auto at = base::parse_rfc3339(row.at("at").get<std::string>());
    if (!at) throw at.error();
    return *at;
}

PlayRow corpus_row(const json& row)
{
    PlayRow play;
    play.item.platform = Platform::twitter;
    play.item.account = row.at("brand").get<std::string>();
    play.item.author = row.at("author").get<std::string>();
    play.item.kind = row.at("inbound").get<bool>() ? Kind::mention : Kind::post;
    play.item.text = row.at("text").get<std::string>();
    play.item.id = row.at("id").get<std::string>();
    play.item.at = read_time(row);
    if (const auto& parent = row.at("in_reply_to"); !parent.is_null()) play.item.in_reply_to = parent.get<std::string>();
    return play;
}

PlayRow scenario_row(const json& row)
{
    PlayRow play;
    play.after = Duration(static_cast<Duration::rep>(row.at("after_seconds").get<double>() * 1e6));
    const auto platform = parse_platform(row.at("platform").get<std::string>());
    const auto kind = parse_kind(row.at("kind").get<std::string>());
    if (!platform) throw Error(ErrorKind::invalid_input, "platform is facebook or twitter");
    if (!kind) throw Error(ErrorKind::invalid_input, "kind is post, comment, mention or direct_message");
    play.item.platform = *platform;
    play.item.kind = *kind;
    play.item.account = row.at("account").get<std::string>();
    play.item.author = row.at("author").get<std::string>();
    play.item.text = row.at("text").get<std::string>();
    play.label = row.value("label", "");
    play.answers_label = row.value("in_reply_to", "");
    return play;
}

} // namespace

Result<Corpus> read_corpus(const std::string& file)
{
    Corpus corpus;
    std::set<std::string> ids, companies;
    std::optional<Instant> first;
    const auto read = [&](const json& line) {
        auto row = corpus_row(line);
        if (companies.insert(row.item.account).second) {
            const auto number = std::to_string(3'002'000'000 + companies.size());
            corpus.accounts.push_back({Platform::twitter, row.item.account, number, row.item.account, true});
        }
        if (!first) first = row.item.at;
        row.after = *row.item.at - *first;
        // Twice in the file is once on the platform, and counts once.
        if (ids.insert(row.item.id).second) corpus.rows.push_back(std::move(row));
    };
    if (auto done = read_lines(file, corpus_columns, read); !done) return done.error();
    return corpus;
}

Result<std::vector<PlayRow>> read_scenario(const std::string& file)
{
    std::vector<PlayRow> rows;
    const auto read = [&](const json& line) { rows.push_back(scenario_row(line)); };
    if (auto done = read_lines(file, scenario_columns, read); !done) return done.error();
    return rows;
}

} // namespace sportello::simulator
