#include "graph_write.hpp"

#include "graph_failures.hpp"
#include "ids.hpp"
#include <sportello/base/text.hpp>

#include <algorithm>

namespace sportello::simulator {
namespace {

constexpr std::size_t comment_limit = 8000;
constexpr std::size_t post_limit = 63206;
constexpr std::size_t image_limit = std::size_t{8} * 1024 * 1024;
constexpr std::size_t file_limit = std::size_t{25} * 1024 * 1024;

const ordered_json success{{"success", true}};

/// A post or comment on the calling Page.
const Item& public_item(const GraphWrite& call, const std::string& id)
{
    const auto* item = call.house.world.find(Platform::facebook, id);
    if (!item || item->deleted || item->account != call.page() || item->kind == Kind::direct_message) throw no_such_object(id);
    return *item;
}

std::string readable_text(const GraphWrite& call, std::size_t limit)
{
    auto text = base::clean_utf8(call.input.text("message"));
    if (base::count_code_points(text) > limit) throw GraphFailure{400, 100, "(#100) Param message is too long"};
    return text;
}

/// With `fields` the new object is answered as if it had been read.
ordered_json answer_new(const GraphWrite& call, const std::string& id)
{
    const auto fields = call.input.text("fields");
    if (fields.empty()) return {{"id", id}};
    return render_node(call.view, id, parse_graph_fields(fields));
}

std::vector<Media> comment_media(const GraphWrite& call)
{
    const auto& input = call.input;
    if (const auto file = input.files.find("source"); file != input.files.end()) return {media_of(call, file->second)};
    if (const auto url = input.text("attachment_url"); !url.empty()) return {fetched("image", url)};
    if (const auto url = input.text("attachment_share_url"); !url.empty()) return {fetched("link", url)};
    if (const auto id = input.text("attachment_id"); !id.empty()) {
        const auto stored = call.uploads.find(id);
        if (stored == call.uploads.end()) throw graph_failure(100, 2018074);
        return {stored->second};
    }
    return {};
}

ordered_json post_comment(const GraphWrite& call, const std::string& object)
{
    const auto& parent = public_item(call, object);
    require(call.view, {"pages_manage_engagement"}, graph_failure(200, 0));
    auto item = by_page(call, Kind::comment, readable_text(call, comment_limit));
    item.media = comment_media(call);
    if (base::trim(item.text).empty() && item.media.empty()) {
        throw GraphFailure{400, 100, "(#100) You must provide one of the following: message, attachment"};
    }
    item.in_reply_to = parent.id;
    return answer_new(call, write_item(call, item));
}

ordered_json hide(const GraphWrite& call, const Item& item)
{
    const auto word = ascii_lower(call.input.text("is_hidden"));
    const bool wanted = word == "true" || word == "1";
    if (!wanted && word != "false" && word != "0") throw GraphFailure{400, 100, "(#100) Param is_hidden must be a boolean"};
    if (item.own || (item.kind == Kind::comment && !call.house.world.find(Platform::facebook, item.conversation)->own)) {
        throw GraphFailure{400, 100, "(#100) This comment cannot be hidden"}; // our own, or on a visitor's own post
    }
    (void)call.house.world.mark(item.id, World::Mark::hidden, wanted);
    return success;
}

ordered_json update(const GraphWrite& call, const Item& item)
{
    require(call.view, {item.kind == Kind::comment ? "pages_manage_engagement" : "pages_manage_posts", "pages_read_engagement"},
            graph_failure(200, 0));
    if (call.input.parameters.contains("is_hidden")) return hide(call, item);
    if (!item.own) throw graph_failure(200, 0);
    const auto text = readable_text(call, item.kind == Kind::comment ? comment_limit : post_limit);
    const auto done = call.house.world.edit(item.id, text, call.house.clock.now(), item.kind != Kind::comment);
    if (!done) throw GraphFailure{400, 100, "(#100) Invalid parameter"};
    return success;
}

ordered_json post_like(const GraphWrite& call, const std::string& id, bool like)
{
    const auto& item = public_item(call, id);
    require(call.view, {"pages_manage_engagement", "pages_read_engagement"}, graph_failure(200, 0));
    (void)call.house.world.mark(item.id, World::Mark::liked, like);
    return success;
}

/// The guard against the same text twice in a row.
void refuse_repeated(const GraphWrite& call, const std::string& text)
{
    for (const auto* post : call.house.world.posts(call.page())) {
        if (!post->own) continue;
        if (!text.empty() && post->now().text == text) throw graph_failure(506, 0);
        return;
    }
}

/// The photos that were uploaded for a post: `attached_media=[{"media_fbid":"1"}]`, or one parameter for each.
std::vector<std::string> attached_media(const GraphInput& input)
{
    std::vector<std::string> ids;
    const auto add = [&](const nlohmann::json& one) {
        if (one.is_object() && one.contains("media_fbid")) {
            ids.push_back(one["media_fbid"].is_string() ? one["media_fbid"].get<std::string>() : one["media_fbid"].dump());
        }
    };
    for (const auto& [name, text] : input.parameters) {
        if (!name.starts_with("attached_media")) continue;
        const auto value = lenient_json(text);
        for (const auto& one : value.is_array() ? value : nlohmann::json::array({value})) add(one);
    }
    return ids;
}

ordered_json publish(const GraphWrite& call)
{
    require(call.view, {"pages_manage_posts", "pages_read_engagement", "pages_show_list"}, graph_failure(200, 0));
    auto item = by_page(call, Kind::post, readable_text(call, post_limit));
    if (const auto link = call.input.text("link"); !link.empty()) item.media.push_back(fetched("link", link));
    for (const auto& id : attached_media(call.input)) {
        const auto stored = call.uploads.find(id);
        if (stored == call.uploads.end()) throw graph_failure(100, 2018074);
        item.media.push_back(stored->second);
    }
    if (base::trim(item.text).empty() && item.media.empty()) throw GraphFailure{400, 100, "(#100) You can't post a blank status update"};
    refuse_repeated(call, item.text);
    return answer_new(call, write_item(call, item));
}

ordered_json publish_photo(const GraphWrite& call)
{
    require(call.view, {"pages_manage_posts", "pages_read_engagement", "pages_show_list"}, graph_failure(200, 0));
    const auto caption = call.input.text("caption");
    auto item = by_page(call, Kind::post, base::clean_utf8(caption.empty() ? call.input.text("message") : caption));
    if (const auto file = call.input.files.find("source"); file != call.input.files.end()) {
        item.media.push_back(media_of(call, file->second));
    } else {
        item.media.push_back(fetched("image", call.input.text("url")));
    }
    if (const auto published = ascii_lower(call.input.text("published")); published == "false" || published == "0") {
        return {{"id", keep_upload(call, item.media.back())}}; // for a post of several
    }
    const auto id = write_item(call, item);
    return {{"id", id.substr(id.find('_') + 1)}, {"post_id", id}};
}

} // namespace

NewItem by_page(const GraphWrite& call, Kind kind, std::string text)
{
    NewItem item;
    item.platform = Platform::facebook;
    item.account = item.author = call.house.world.accounts()[call.page()].account;
    item.kind = kind;
    item.text = std::move(text);
    item.by_app = true;
    return item;
}

std::string write_item(const GraphWrite& call, const NewItem& item)
{
    const auto id = call.house.world.write(item, call.house.clock.now());
    if (!id) throw GraphFailure{400, 100, "(#100) Invalid parameter"};
    return *id;
}

std::string keep_upload(const GraphWrite& call, const Media& media)
{
    const auto id = std::to_string(300'000'000'000'000 + call.uploads.size() + 1);
    call.uploads[id] = media;
    return id;
}

Media stored_media(House& house, const UploadedFile& file, const std::string& origin)
{
    std::string type = "file";
    for (const std::string_view word : {"image", "video", "audio"}) {
        if (file.media_type.starts_with(std::string(word) + "/")) type = word;
    }
    const auto name = base::clean_utf8(file.name.substr(file.name.find_last_of("/\\") + 1));
    return {type, origin + house.files.put(file, house.random.token(9), http::percent_encode(name.empty() ? "file" : name)), name};
}

Media media_of(const GraphWrite& call, const UploadedFile& file)
{
    if (file.media_type.empty()) throw graph_failure(200, 0); // as Facebook answers a part without its own type
    if (file.bytes.empty()) throw graph_failure(100, 2018047);
    const bool image = file.media_type.starts_with("image/");
    if (file.bytes.size() > (image ? image_limit : file_limit)) throw graph_failure(100, 2018109);
    const auto& base = call.view.base;
    return stored_media(call.house, file, base.substr(0, base.find('/', base.find("://") + 3)));
}

Media fetched(const std::string& type, const std::string& url)
{
    const bool web = url.starts_with("https://") || url.starts_with("http://");
    if (!web || url.find(".unreachable.invalid") != std::string::npos) {
        throw type == "link" ? graph_failure(1609005, 0) : graph_failure(100, 2018008);
    }
    return {type, url, ""};
}

ordered_json graph_post(const GraphWrite& call, const std::vector<std::string>& path)
{
    const auto& page = call.house.world.accounts()[call.page()].id;
    const auto& object = path.empty() ? page : path[0];
    if (path.size() == 1) return update(call, public_item(call, object));
    if (path.size() == 2 && path[1] == "comments") return post_comment(call, object);
    if (path.size() == 2 && path[1] == "likes") return post_like(call, object, true);
    if (path.size() == 2 && object == page) {
        if (path[1] == "messages") return send_message(call);
        if (path[1] == "message_attachments") return store_attachment(call);
        if (path[1] == "feed") return publish(call);
        if (path[1] == "photos") return publish_photo(call);
    }
    throw GraphFailure{400, 100, "Unsupported post request.", 0, "GraphMethodException"};
}

ordered_json graph_delete(const GraphWrite& call, const std::vector<std::string>& path)
{
    if (path.size() == 2 && path[1] == "likes") return post_like(call, path[0], false);
    if (path.size() != 1) throw GraphFailure{400, 100, "Unsupported delete request.", 0, "GraphMethodException"};
    const auto& item = public_item(call, path[0]);
    require(call.view, {item.kind == Kind::comment ? "pages_manage_engagement" : "pages_manage_posts", "pages_read_engagement"},
            graph_failure(200, 0));
    if (!item.own) require(call.view, {"pages_read_user_content"}, graph_failure(200, 0));
    (void)call.house.world.erase(item.id, call.house.clock.now());
    return success;
}

} // namespace sportello::simulator
