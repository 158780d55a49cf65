"""A finished query without what a reader does not need: `x AS x`, `t AS t`, `t.x` of one table."""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from superset_crmkpi.query.clauses import from_clause, nodes_in

#: names that some engine, or sqlglot, takes for something else than a column when they stand alone
_WORDS = """
    _ascii _binary _eucjpms _euckr _gbk _greek _hebrew _macce _macroman _sjis _ujis accessible
    add all alter always analyse analyze and anti any array as asc asensitive asof asymmetric at
    authorization autoincrement before between bigint binary blob both by call cascade case cast
    change char character charset check coalesce collate collation column commit concurrently
    condition constraint continue convert create cross cube current_catalog current_date
    current_role current_schema current_time current_timestamp current_user cursor database
    databases day_hour day_microsecond day_minute day_second dec decimal declare default
    deferrable delayed delete delete_domain_id desc describe deterministic distinct distinctrow
    div do do_domain_ids double drop dual each else elseif empty enclosed end escape escaped
    except exclude exists exit explain false fetch float for force foreign freeze from full
    fulltext function generated get glob global grant group grouping groups having high_priority
    hour_microsecond hour_minute hour_second if ignore ignore_domain_ids ilike in index infile
    initially inner inout insensitive insert install int integer intersect interval into io is
    isnull iterate join json_table key keys kill lambda last_value lateral leading leave left
    like limit linear lines load localtime localtimestamp lock long longblob longtext loop
    low_priority map master_demote_to_replica master_demote_to_slave
    master_ssl_verify_server_cert match maxvalue mediumblob mediumint mediumtext middleint minus
    minute_microsecond minute_second mod modifies natural no no_write_to_binlog not nothing
    notnull null nullable numeric of offset on only optimize option optionally or order out outer
    outfile over overlaps page_checksum parse_vcol_expr partition partitioned_by pivot
    pivot_longer pivot_wider placing portion positional precision prewhere primary procedure
    purge qualify raise range read read_write reads real recursive ref_system_id references
    regexp release rename repeat replace require resignal restrict return returning revoke right
    rlike rollback rollup row row_number rows sample schema schemas second_microsecond select
    semi sensitive separator serdeproperties session_user set show signal similar smallint some
    spatial specific sql sql_big_result sql_buffer_result sql_cache sql_calc_found_rows
    sql_no_cache sql_small_result sqlexception sqlstate sqlwarning ssl starting stats_auto_recalc
    stats_persistent stats_sample_pages stored straight_join summarize symmetric system table
    tablesample terminated then tinyblob tinyint tinytext to trailing transaction trigger true
    uncache undo union unique unlock unpack unpivot unsigned update usage use user using utc_date
    utc_time utc_timestamp values varbinary varchar varcharacter variadic varying verbose virtual
    when where while window with write xor year_month zerofill
"""
KEYWORDS = frozenset(_WORDS.split())


def shortened(query: exp.Expression, dialect: str) -> exp.Expression:
    """`query`, changed in place; its output columns keep their names."""
    if dialect == "clickhouse":  # it takes `x` for another column's alias
        return query
    for select in nodes_in(query, exp.Select):
        _shorten(select, dialect)
    for table in nodes_in(query, exp.Table):
        if table.alias == table.name and not table.db:
            table.set("alias", None)
    return query


def _shorten(select: exp.Select, dialect: str) -> None:
    from_, joins = from_clause(select), select.args.get("joins") or select.args.get("laterals")
    table = from_.this if from_ is not None else None
    if isinstance(table, exp.Table | exp.Subquery) and table.alias and not joins:
        made = {
            column.alias for column in select.expressions if not _is_plain(column, column.alias)
        }
        for column in list(_own(select)):
            if column.table != table.alias or column.name in made:
                continue
            if _stands_alone(column, dialect):
                column.set("table", None)
        is_table = isinstance(table, exp.Table)  # MariaDB wants a name for a subquery
        if is_table and not any(c.table == table.alias for c in nodes_in(select, exp.Column)):
            table.set("alias", None)
    for column in list(select.expressions):
        if isinstance(column, exp.Alias) and _is_plain(column, column.alias):
            column.replace(column.this)


def _is_plain(column: exp.Expression, name: str) -> bool:
    """Whether a column is another one under its own name."""
    if not isinstance(column, exp.Alias):
        return isinstance(column, exp.Column)
    inner = column.this
    return isinstance(inner, exp.Column) and inner.name == name == name.lower()


def _own(node: exp.Expression) -> Iterator[exp.Column]:
    """Columns of a select that stand in no query inside of it."""
    for child in node.iter_expressions():
        if isinstance(child, exp.Column):
            yield child
        elif not isinstance(child, exp.Query):
            yield from _own(child)


def _stands_alone(column: exp.Column, dialect: str) -> bool:
    if isinstance(column.this, exp.Star):
        return False
    if column.this.quoted:  # SQLite takes "x" for a text where there is no such column
        return dialect != "sqlite"
    return column.name.lower() not in KEYWORDS
