/**
 * Built-in functions that only compute: no wait, no lock, no file, no sequence, no state of session or server.
 * From information_schema.SQL_FUNCTIONS and the geometry functions of MariaDB 10.11, without those that do more
 * (SLEEP, BENCHMARK, GET_LOCK, RELEASE_LOCK, LOAD_FILE, NEXTVAL, SETVAL, MASTER_POS_WAIT …). What is not here is
 * refused, so stored and user-defined functions are too; what came after 10.5 (TO_CHAR, SFORMAT, CRC32C …) is left
 * out because a stored function of its name answers on an older server.
 */
const computingFunctions = `
  abs acos adddate addtime aes_decrypt aes_encrypt ascii asin atan atan2 avg bin binlog_gtid_pos
  bit_and bit_count bit_length bit_or bit_xor ceil ceiling char_length character_length chr coalesce
  coercibility collation column_check column_create column_exists column_get column_json column_list compress
  concat concat_ws connection_id conv convert_tz cos cot count crc32 cume_dist curdate current_role
  current_user curtime date date_add date_format date_sub datediff day dayname dayofmonth dayofweek dayofyear
  decode decode_histogram degrees dense_rank des_decrypt des_encrypt elt encode encrypt exp export_set extract
  extractvalue field find_in_set first_value floor format found_rows from_base64 from_days from_unixtime
  get_format greatest group_concat hex hour ifnull inet6_aton inet6_ntoa inet_aton inet_ntoa instr is_free_lock
  is_ipv4 is_ipv4_compat is_ipv4_mapped is_ipv6 is_used_lock isnull json_array json_array_append
  json_array_insert json_arrayagg json_compact json_contains json_contains_path json_depth json_detailed
  json_exists json_extract json_insert json_keys json_length json_loose json_merge json_merge_patch
  json_merge_preserve json_object json_objectagg json_pretty json_query json_quote
  json_remove json_replace json_search json_set json_type json_unquote json_valid json_value lag last_day
  last_value lastval lcase lead least length lengthb ln locate log log10 log2 lower lpad ltrim make_set makedate
  maketime max md5 median microsecond mid min minute month monthname name_const now nth_value
  ntile nullif nvl nvl2 oct octet_length old_password ord password percent_rank percentile_cont percentile_disc
  period_add period_diff pi position pow power quarter quote radians rand rank regexp_instr
  regexp_replace regexp_substr reverse round row_count row_number rpad rtrim sec_to_time second
  session_user sha sha1 sha2 sign sin soundex space sqrt std stddev stddev_pop stddev_samp str_to_date
  strcmp subdate substr substring substring_index subtime sum sysdate system_user tan time time_format
  time_to_sec timediff timestamp timestampadd timestampdiff to_base64 to_days to_seconds trim ucase
  uncompress uncompressed_length unhex unix_timestamp updatexml upper user uuid uuid_short var_pop var_samp
  variance version week weekday weekofyear weight_string wsrep_last_seen_gtid wsrep_last_written_gtid year
  yearweek
  cast char charset column_add column_delete convert current_date current_time current_timestamp database if insert interval left localtime
  localtimestamp mod repeat replace right row schema truncate utc_date utc_time utc_timestamp values
  area asbinary astext aswkb aswkt boundary buffer centroid contains convexhull crosses dimension disjoint
  endpoint envelope equals exteriorring geometrycollection geometryfromtext geometryn geometrytype geomfromtext
  glength interiorringn intersects isclosed isempty isring issimple linefromtext linestring mbrcontains
  mbrdisjoint mbrequal mbrintersects mbroverlaps mbrtouches mbrwithin multilinestring multipoint multipolygon
  numgeometries numinteriorrings numpoints overlaps pointfromtext pointn pointonsurface polyfromtext polygon
  polygonfromtext srid st_area st_asbinary st_asgeojson st_astext st_aswkb st_aswkt st_boundary st_buffer
  st_centroid st_contains st_convexhull st_crosses st_difference st_dimension st_disjoint st_distance
  st_distance_sphere st_endpoint st_envelope st_equals st_exteriorring st_geometryn st_geometrytype
  st_geomfromgeojson st_geomfromtext st_geomfromwkb st_interiorringn st_intersection st_intersects st_isclosed
  st_isempty st_isring st_issimple st_length st_linefromtext st_numgeometries st_numinteriorrings st_numpoints
  st_overlaps st_pointfromtext st_pointn st_pointonsurface st_polygonfromtext st_relate st_srid st_startpoint
  st_symdifference st_touches st_union st_within st_x st_y startpoint touches within x y`;

export const safeFunctions: ReadonlySet<string> = new Set(computingFunctions.trim().toUpperCase().split(/\s+/));
