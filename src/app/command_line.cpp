#include "command_line.hpp"

#include <boost/program_options.hpp>

#include <algorithm>
#include <array>
#include <string_view>

namespace sportello::app {
namespace {

namespace po = boost::program_options;

struct CommandManual {
    std::string_view name;
    std::string_view summary;
    std::string_view text;
};

constexpr std::array<CommandManual, 12> commands{{
    {"serve", "run the counter",
     "sportello serve --config FILE [--port N] [--ready-file PATH]\n\n"
     "Reads the configuration, brings the database up to date, polls the channels, publishes replies and serves\n"
     "the API and the dashboard until SIGINT or SIGTERM. SIGHUP reads the configuration and the certificates anew; a bad\n"
     "one is refused, and the old one stays in force (log, metric sportello_config_reload_ok).\n\n"
     "  --config FILE       configuration (default config/sportello.toml)\n"
     "  --port N            listen on this port instead of server.listen's; 0 takes a free one\n"
     "  --ready-file PATH   write {\"port\": N, \"pid\": N} there once requests are answered\n\n"
     "Exit status: 0 after an orderly stop, 1 when it could not start (standard error says why).\n"},
    {"check-config", "look for mistakes in a configuration",
     "sportello check-config --config FILE\n\n"
     "Prints every mistake with file, line, column and what was expected.\n"
     "Exit status: 0 without mistakes, 1 with.\n"},
    {"migrate", "make or upgrade the database",
     "sportello migrate --config FILE\n"
     "sportello migrate --from sqlite:PATH --to postgresql://HOST/NAME --config FILE\n\n"
     "Creates the database of the configuration or brings its tables up to date, and takes over the [[agent]]s that\n"
     "it does not have yet. Does nothing when all is there. `serve` does it by itself.\n\n"
     "With --from and --to a whole office moves to PostgreSQL. Stop its server first. The new database must be empty, or hold what\n"
     "an interrupted move brought, which goes on where it stopped. At the end both are compared, row by row. The old database\n"
     "stays as it is. Put the content of PATH.key, if that file is there, into [sealing] key afterwards.\n"},
    {"quarantine", "look before sending, after a restore",
     "sportello quarantine --config FILE\n\n"
     "Orders that at the next start of `serve` the platforms are read for every reply that is not known to be published,\n"
     "before it is sent. `serve` does so by itself when the database was restored, which it sees from the file\n"
     "DATABASE.lineage beside it; order it where that file was restored as well.\n"},
    {"user", "people who log in",
     "sportello user add LOGIN --name NAME [--role phone|agent|supervisor|admin] [--password-stdin] --config FILE\n"
     "sportello user passwd LOGIN [--password-stdin] --config FILE\n"
     "sportello user invite LOGIN --config FILE\n"
     "sportello user no-second-factor LOGIN --config FILE\n"
     "sportello user disable LOGIN --config FILE\n\n"
     "add makes a person, passwd sets a password. invite prints a link by which the person chooses one: it works once, for a\n"
     "week, or for a day where there is a password already. no-second-factor is for who lost phone and recovery codes. disable\n"
     "takes the right to log in away: tickets go back to the queue, replies that were accepted are sent, the name stays. All\n"
     "but invite end the person's sessions, within a second also beside a running server.\n"
     "The password is asked for on the terminal, or read as one line from standard input.\n"},
    {"channel", "sign channels in, and look at them",
     "sportello channel connect ID [--paste] [--port N] [--redirect URL] [--oauth1] [--token-stdin] --config FILE\n"
     "sportello channel check ID [--json] --config FILE\n"
     "sportello channel list [--json] --config FILE\n\n"
     "connect signs a channel in on its platform and stores its tokens, sealed, in the database. It prints an address; open\n"
     "it in any browser, log in there as the channel's account (X) or as somebody with a role on the Page (Facebook), and\n"
     "allow what is asked. The browser then comes back to a port of this machine, where connect waits ten minutes. What comes\n"
     "back is checked: the tokens must be those of the account that the configuration names, or nothing is stored. A running\n"
     "server takes new tokens over by itself. The channel's `credentials` must be \"stored\" or left out.\n\n"
     "  X         needs the app's client_id (and client_secret) for OAuth 2.0, or consumer_key and consumer_secret.\n"
     "            OAuth 2.0 tokens last two hours and are renewed by the server; those of OAuth 1.0a last.\n"
     "  Facebook  needs app_id and app_secret. The person's token becomes a lasting one, and that the Page's own.\n\n"
     "  --paste          do not listen: paste the address of the page that you end on (it need not load), the code, or the\n"
     "                   PIN that X shows. For a server without a browser.\n"
     "  --port N         port to come back to (default 8765). The address to come back to, http://127.0.0.1:8765/callback\n"
     "                   for X and http://localhost:8765/callback for Facebook, must be registered with the app.\n"
     "  --redirect URL   the registered address when it is another one; goes with --paste\n"
     "  --oauth1         OAuth 1.0a, although a client_id is configured\n"
     "  --token-stdin    Facebook: take a system user's, a person's or the Page's token from standard input instead\n\n"
     "check looks at a channel before it goes live: it reads one page and says in words which permissions are missing, until\n"
     "when the access lasts, which quota is left, how answers are allowed and what they cost. It writes nothing, neither on\n"
     "the platform nor here.\n\n"
     "list shows every channel with its account, where its tokens come from and how it stands.\n\n"
     "  --json           the same for programs\n\n"
     "Tokens are sealed with the key of [sealing], or of a file beside the database, which is made at first use.\n\n"
     "Exit status: 0 stored, or nothing stands in the way (there may be warnings); 1 not; 2 for a command that makes no sense.\n"},
    {"plan", "how many people, in which hours",
     "sportello plan [--brand ID]... [--weeks N] [what if] [the goal] [--json|--csv] --config FILE\n\n"
     "Plays the coming weeks of the office with its own rules, from its own history: how many people answer how fast, how many\n"
     "are enough for the goal, and who is needed in which half hours. May run beside the server.\n\n"
     "  --brand ID       this brand (several times: these, answered together, with the same\n"
     "                   weekly hours and target); default all\n"
     "  --weeks N        weeks of history that are looked at (default 8, at most 26)\n\n"
     "What if:\n"
     "  --agents N       so many people answer\n"
     "  --hours HOURS    it is open then: \"08:00-20:00\", or \"mon-fri 08:00-18:00; sat 09:00-13:00\"\n"
     "  --outage N@TIME  N messages come within ten minutes: 500@10:00 (of a Tuesday), 5000@fri-16:30\n"
     "  --growth P       P percent more come\n\n"
     "The goal, in office time:\n"
     "  --mean TIME      first response on average (default: the hour of [targets.default])\n"
     "  --inside P       percent inside the brand's target (default 90)\n\n"
     "Where the history is too short, which is said, or to plan without it:\n"
     "  --assume-messages N    a day\n"
     "  --assume-handling TIME what an answer takes, like 6m\n\n"
     "  --seed N         plays other weeks; the same number plays the same ones\n"
     "  --json, --csv    the same for programs\n\n"
     "Exit status: 0 with an answer; 1 without; 2 for a command that makes no sense.\n"},
    {"audit", "whether the audit is whole",
     "sportello audit verify [--expect SEQ:HASH] --config FILE\n\n"
     "Reads the audit from its first entry to its last and checks that none was changed, taken out or put in between. Prints\n"
     "the number and hash of the last one: kept somewhere else and given with --expect the next time, they show whether the\n"
     "end was cut off or all of it written anew. May run beside the server.\n\n"
     "  --expect SEQ:HASH   an entry that must be there as it was\n\n"
     "Exit status: 0 whole, 1 not (standard error says where), 2 for a command that makes no sense.\n"},
    {"rules", "what the rules of triage would have done",
     "sportello rules test [--since 7d] [--json] --config FILE\n\n"
     "Plays what customers wrote, and what became of it, to the [[rule]]s of the configuration, and prints for each rule how\n"
     "often it would have fired and some of the messages, with personal data masked. Nothing is written, also beside a\n"
     "running server: change the rules in a copy of the configuration and look before you let them loose.\n\n"
     "  --since 7d   how far back: a duration like 7d or 12h\n"
     "  --json       the same for programs\n\n"
     "Rules for changes and deliveries, and conditions on status or assignee in rules of time, are asked of the tickets as they\n"
     "stand now.\n"},
    {"backup", "copy the database, also under load",
     "sportello backup [--to FOLDER] [--keep N] --config FILE\n\n"
     "Copies the database as it is at one instant into [backup] directory, reads every page of the copy, writes its SHA-256\n"
     "beside it, and removes all but the newest. The server goes on meanwhile; it and [[alert]]s tell when the newest is old.\n\n"
     "  --to FOLDER   there instead\n"
     "  --keep N      so many stay (default [backup] keep)\n\n"
     "The key of the stored tokens (the file DATABASE.key, unless [sealing] has it) is not in it: keep it elsewhere.\n\n"
     "Exit status: 0 with a sound copy; 1 without, and then no old one was removed.\n"},
    {"restore", "put a backup in the database's place, or look whether it would do",
     "sportello restore --check FILE --config FILE\n"
     "sportello restore FILE --config FILE\n\n"
     "--check compares the checksum, reads every page, and lets this version open and upgrade a copy; it changes nothing and\n"
     "may be run beside the server. Without it the backup takes the database's place; the server must not run. What was there\n"
     "is kept beside it. The next start is in quarantine: the platforms are read for every reply that is not known to be\n"
     "published before it is sent, so that nothing leaves twice.\n\n"
     "Exit status: 0 when it is sound (and in place), 1 when not.\n"},
    {"alert", "try who is told when something is wrong",
     "sportello alert test [NAME] [--kind KIND] --config FILE\n\n"
     "Sends a message that is marked as a test to every recipient of every [[alert]], or of the one called NAME, and says\n"
     "whether each was reached.\n\n"
     "  --kind KIND   as if it were about this: access, channel, reply_unknown, incident, spend, mean, disk, backup, restart,\n"
     "                webhook (default access)\n\n"
     "Exit status: 0 when all were reached, 1 when not.\n"},
}};

po::options_description all_options(CommandLine& line, int& port)
{
    po::options_description options;
    options.add_options()("config", po::value<std::filesystem::path>(&line.config))("port", po::value<int>(&port))(
        "ready-file", po::value<std::filesystem::path>(&line.ready_file))("role", po::value<std::string>(&line.role))(
        "name", po::value<std::string>(&line.name))("password-stdin", po::bool_switch(&line.password_from_stdin))(
        "redirect", po::value<std::string>(&line.redirect))("paste", po::bool_switch(&line.paste))("oauth1", po::bool_switch(&line.oauth1))(
        "token-stdin", po::bool_switch(&line.token_from_stdin))("json", po::bool_switch(&line.json))(
        "since", po::value<std::string>(&line.since))("csv", po::bool_switch(&line.csv))(
        "brand", po::value<std::vector<std::string>>(&line.plan.brands))("weeks", po::value<int>(&line.plan.weeks))(
        "agents", po::value<int>(&line.plan.agents))("hours", po::value<std::string>(&line.plan.hours))(
        "outage", po::value<std::string>(&line.plan.outage))("growth", po::value<int>(&line.plan.growth))(
        "mean", po::value<std::string>(&line.plan.mean))("inside", po::value<int>(&line.plan.inside))(
        "assume-messages", po::value<double>(&line.plan.messages))("assume-handling", po::value<std::string>(&line.plan.handling))(
        "seed", po::value<std::uint64_t>(&line.plan.seed))("expect", po::value<std::string>(&line.expect))(
        "from", po::value<std::string>(&line.from))("to", po::value<std::filesystem::path>(&line.to))(
        "keep", po::value<std::int64_t>(&line.keep))("check", po::bool_switch(&line.check))("kind", po::value<std::string>(&line.kind))(
        "help,h", po::bool_switch(&line.help))("words", po::value<std::vector<std::string>>(&line.words));
    return options;
}

bool is_command(std::string_view word)
{
    return std::any_of(commands.begin(), commands.end(), [&](const CommandManual& c) { return c.name == word; });
}

} // namespace

std::optional<CommandLine> read_command_line(int argc, const char* const* argv, std::string& complaint)
{
    CommandLine line;
    int port = -1;
    try {
        po::positional_options_description positional;
        positional.add("words", -1);
        po::variables_map values;
        po::store(po::command_line_parser(argc, argv).options(all_options(line, port)).positional(positional).run(), values);
        po::notify(values);
    } catch (const po::error& error) {
        complaint = error.what();
        return std::nullopt;
    }
    if (port > 65535 || port < -1) {
        complaint = "--port: expected a number from 0 to 65535";
        return std::nullopt;
    }
    if (port >= 0) line.port = static_cast<std::uint16_t>(port);
    if (line.words.empty()) {
        line.command = "help";
        return line;
    }
    line.command = line.words.front();
    line.words.erase(line.words.begin());
    if (line.command == "help") {
        if (!line.words.empty()) line.command = line.words.front();
        line.help = true;
    }
    if (!is_command(line.command) && line.command != "help" && line.command != "version") {
        complaint = "there is no command '" + line.command + "'; `sportello help` lists them";
        return std::nullopt;
    }
    return line;
}

std::string manual(const std::string& command)
{
    for (const CommandManual& c : commands) {
        if (c.name == command) return std::string(c.text);
    }
    std::string text = "sportello: the counter at which a company answers its customers on Facebook and X\n\n"
                       "usage: sportello COMMAND [OPTIONS]\n\n";
    for (const CommandManual& c : commands) {
        std::string name(c.name);
        name.resize(14, ' ');
        text += "  " + name + std::string(c.summary) + "\n";
    }
    return text + "  version       print the version\n\n`sportello COMMAND --help` tells more of each.\n";
}

} // namespace sportello::app
