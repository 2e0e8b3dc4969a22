#pragma once

#include <sportello/simulator/world.hpp>

#include <nlohmann/json.hpp>

#include <string>

namespace sportello::simulator {

/// One change of the world as it stands in the journal.
struct World::Change {
    nlohmann::json json;

    static Change account(const Account& account);
    static Change person(Platform platform, const std::string& author_key, const Person& person);
    static Change item(const Account& account, Kind kind, bool own);
    static Change edit(Platform platform, const std::string& id, const std::string& next, const std::string& text, Instant at,
                       bool keep_media);
    static Change mark(const std::string& id, Mark mark, bool set);
    static Change withhold(const std::string& page, const std::set<std::string>& permissions);
    static Change erase(Platform platform, const std::string& id, Instant at);
    static Change token(Platform platform, const std::string& account, bool valid);
    static Change keep(const std::string& key, const std::string& text);
    static Change played(const std::string& player, std::size_t row);

    void set_author(const std::string& id, const std::string& author);
    void set_place(const std::string& in_reply_to, const std::string& conversation);
    void set_person(const std::string& person_id);
    void set_content(const std::string& id, const std::string& text, Instant at, const std::string& metadata);
    void set_flags(const NewItem& item);
    void set_media(const std::vector<Media>& media);

    [[nodiscard]] std::string text(const char* member) const { return json.value(member, std::string()); }
    [[nodiscard]] std::string author_id() const { return text("author_id"); }
    [[nodiscard]] std::string in_reply_to() const { return text("in_reply_to"); }
    [[nodiscard]] Platform platform() const { return *parse_platform(text("platform")); }
    [[nodiscard]] Instant at() const { return base::from_micros(json.at("at").get<std::int64_t>()); }
};

} // namespace sportello::simulator
