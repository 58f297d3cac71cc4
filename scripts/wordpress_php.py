"""The PHP of the test site: its settings, its installation, and the doors that tests turn."""

from __future__ import annotations

CONFIG = """<?php
$here = dirname(__DIR__);
foreach (json_decode(file_get_contents("$here/keys.json"), true) as $name => $key) {
    define($name, $key);
}
define('DB_NAME', 'wordpress');
define('DB_USER', 'root');
define('DB_PASSWORD', '');
define('DB_HOST', "localhost:$here/db.sock");
define('DB_CHARSET', 'utf8mb4');
define('DB_COLLATE', '');
define('WP_HOME', 'http://127.0.0.1:' . trim(file_get_contents("$here/port")));
define('WP_SITEURL', WP_HOME);
// Else WordPress wants https before it takes an application password.
define('WP_ENVIRONMENT_TYPE', 'local');
define('WP_HTTP_BLOCK_EXTERNAL', true);
define('AUTOMATIC_UPDATER_DISABLED', true);
define('DISALLOW_FILE_MODS', true);
define('WP_DEBUG', false);
$table_prefix = 'wp_';
if (!defined('ABSPATH')) { define('ABSPATH', __DIR__ . '/'); }
require_once ABSPATH . 'wp-settings.php';
"""

PLUGIN = """<?php
/* Plugin Name: For tests: no mail, no update server, and a site that can be slow. */
add_filter('pre_wp_mail', '__return_true');
foreach (['core', 'plugins', 'themes'] as $what) {
    add_filter("pre_site_transient_update_$what", fn() => (object) [
        'updates' => [], 'response' => [], 'last_checked' => time(),
        'version_checked' => get_bloginfo('version'),
    ]);
}
function broadcaster_pause($when) {
    $file = dirname(ABSPATH) . "/pause-$when";
    if (is_file($file)) {
        $seconds = (float) file_get_contents($file);
        rename($file, "$file.reached");
        usleep((int) ($seconds * 1e6));
    }
}
add_filter('rest_pre_dispatch', function ($result, $server, $request) {
    broadcaster_pause('before-' . strtolower($request->get_method()));
    return $result;
}, 10, 3);
add_action('rest_after_insert_post', fn() => broadcaster_pause('after-storing'));
"""

ROUTER = """<?php
// A file is served as it is; all else, also /wp-json/, is WordPress' own.
$site = __DIR__ . '/site';
$path = rawurldecode(parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH) ?: '/');
$file = realpath($site . $path);
if ($file !== false && is_dir($file) && is_file("$file/index.php")) { $file .= '/index.php'; }
if ($file === false || !is_file($file) || !str_starts_with($file, "$site/")) {
    $file = "$site/index.php";
} elseif (!str_ends_with($file, '.php')) {
    return false;
}
$_SERVER['SCRIPT_FILENAME'] = $file;
$_SERVER['SCRIPT_NAME'] = $_SERVER['PHP_SELF'] = substr($file, strlen($site));
chdir(dirname($file));
require $file;
return true;
"""

BOOT = """
$_SERVER += ['HTTP_HOST' => '127.0.0.1', 'REQUEST_URI' => '/', 'REQUEST_METHOD' => 'GET',
    'SERVER_PROTOCOL' => 'HTTP/1.1'];
require 'site/wp-load.php';
"""

# Prints the application password, which WordPress itself keeps as a hash only.
INSTALL = (
    "define('WP_INSTALLING', true);"
    + BOOT
    + """
require_once ABSPATH . 'wp-admin/includes/upgrade.php';
if (!is_blog_installed()) {
    $password = wp_generate_password(24);
    wp_install('Xã Bình Minh', 'quantri', 'quantri@example.invalid', true, '', $password, 'vi');
}
update_option('timezone_string', 'Asia/Ho_Chi_Minh');
update_option('default_ping_status', 'closed');
update_option('default_pingback_flag', '');
update_option('ping_sites', '');
foreach (['thong-bao' => 'Thông báo', 'khan-cap' => 'Khẩn cấp'] as $slug => $name) {
    if (!term_exists($slug, 'category')) { wp_insert_term($name, 'category', ['slug' => $slug]); }
}
$user = get_user_by('login', 'truyenthanh');
$id = $user ? $user->ID : wp_insert_user(['user_login' => 'truyenthanh',
    'user_pass' => wp_generate_password(24), 'user_email' => 'truyenthanh@example.invalid',
    'display_name' => 'Đài truyền thanh xã', 'role' => 'editor']);
$made = WP_Application_Passwords::create_new_application_password($id, ['name' => 'test']);
if (is_wp_error($made)) { fwrite(STDERR, $made->get_error_message()); exit(1); }
echo $made[0];
"""
)

PERMALINKS = (
    BOOT
    + """
global $wp_rewrite;
$wp_rewrite->set_permalink_structure('%s');
$wp_rewrite->flush_rules(false);
"""
)

# As if a day had gone by without a visitor.
DUE = (
    BOOT
    + """
global $wpdb;
$id = %d;
$due = time() - 60;
$wpdb->update($wpdb->posts, ['post_date' => wp_date('Y-m-d H:i:s', $due),
    'post_date_gmt' => gmdate('Y-m-d H:i:s', $due)], ['ID' => $id]);
clean_post_cache($id);
wp_clear_scheduled_hook('publish_future_post', [$id]);
wp_schedule_single_event($due, 'publish_future_post', [$id]);
delete_transient('doing_cron');
"""
)
