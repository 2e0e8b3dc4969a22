#include "config_outages.hpp"

#include <sportello/base/text.hpp>

#include <algorithm>
#include <iterator>

namespace sportello::app {
namespace {

using namespace std::chrono_literals;

/// services.fax = ["fax"]: further words of a service, or of a new one.
void read_services(TableReader& reader, domain::OutageLexicon& lexicon)
{
    const toml::table* table = reader.table("services");
    if (!table) return;
    TableReader services(*table, reader.name() + ".services", reader.problems());
    for (auto&& [name, node] : *table) {
        std::vector<std::string> words;
        services.texts(name.str(), words);
        const std::string service(name.str());
        const bool plain = service.size() <= 50 && service.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_-") == std::string::npos;
        if (!plain || service.empty()) services.problem(service, "a service is named with small letters, digits, '-' and '_', at most 50");
        auto& known = lexicon.services[service];
        std::move(words.begin(), words.end(), std::back_inserter(known));
    }
    services.end();
}

/// The first list whose words are wrong is named.
void check_words(TableReader& reader, std::string_view key, const std::vector<std::string>& words)
{
    domain::OutageLexicon lexicon;
    lexicon.troubles = words;
    const auto made = domain::OutageReader::make(lexicon, nullptr);
    if (!made) reader.problem(key, made.error().what());
}

void read_words(TableReader& reader, std::string_view key, std::vector<std::string>& known)
{
    std::vector<std::string> words;
    reader.texts(key, words);
    check_words(reader, key, words);
    std::move(words.begin(), words.end(), std::back_inserter(known));
}

/// [[outages.place]]: districts and other places that customers name.
std::string read_places(TableReader& reader)
{
    std::string lines;
    if (!reader.find("place")) return lines;
    for (const toml::table* table : reader.tables("place")) {
        TableReader place(*table, reader.name() + ".place", reader.problems());
        std::string name;
        std::string province;
        std::vector<std::string> also;
        std::int64_t inhabitants = 20'000;
        place.required_text("name", name);
        place.required_text("province", province);
        place.texts("also", also);
        place.number("inhabitants", 0, 100'000'000, inhabitants);
        place.end();
        for (const std::string& other : also) name += "|" + other;
        const std::string line = province + "\t" + name + "\t" + std::to_string(inhabitants) + "\n";
        if (province.empty() || name.empty()) continue;
        if (!domain::Gazetteer::parse(line) || std::count(line.begin(), line.end(), '\n') != 1) {
            place.problem("name", "names and province are texts without tabs, line breaks and '/'");
            continue;
        }
        lines += line;
    }
    return lines;
}

} // namespace

void read_outages(TableReader& root, engine::OutageSettings& outages)
{
    const toml::table* table = root.table("outages");
    if (!table) return;
    TableReader reader(*table, "outages", root.problems());
    reader.boolean("radar", outages.radar);
    reader.number("least_people", 3, 1'000'000, outages.options.least_people);
    reader.duration("window", 1min, 1h, outages.options.short_window);
    reader.duration("quiet_after_dismissal", 0s, 24h * 30, outages.quiet_after_dismissal);
    reader.duration("pace_facebook", 200ms, 1h, outages.pace_facebook);
    reader.duration("pace_x", 1s, 1h, outages.pace_twitter);
    reader.duration("pace_x_private", 1s, 1h, outages.pace_twitter_private);
    const std::size_t problems = root.problems().found.size();
    domain::OutageLexicon lexicon = domain::OutageLexicon::usual();
    read_words(reader, "troubles", lexicon.troubles);
    read_words(reader, "over", lexicon.over);
    read_words(reader, "other_matters", lexicon.other_matters);
    read_words(reader, "about_outages", lexicon.about_outages);
    read_services(reader, lexicon);
    const std::string places = read_places(reader);
    reader.end();
    if (root.problems().found.size() != problems) return;
    const auto gazetteer = domain::Gazetteer::italy()->with(places);
    if (!gazetteer) {
        reader.problem("place", gazetteer.error().what());
        return;
    }
    auto words = domain::OutageReader::make(lexicon, std::make_shared<const domain::Gazetteer>(*gazetteer));
    if (words) outages.reader = std::make_shared<const domain::OutageReader>(std::move(*words));
    else reader.problem("services", words.error().what());
}

} // namespace sportello::app
