{#- The building blocks of every incremental model; README.md, "How a run stays exact". -#}

{% macro epoch() -%}
    cast('1970-01-01 00:00:00' as datetime)
{%- endmacro %}

{% macro end_of_time() -%}
    cast('9999-12-31 00:00:00' as datetime)
{%- endmacro %}

{#- All events of the entities whose number of raw events differs from what this model last saw. Raw
    tables only ever gain events, so an equal number means the same events. What is counted are the
    rows that are read: StarRocks picks the version of each scan on its own, so a count from another
    scan could include an event that a load commits in between, which would then never be staged. -#}
{% macro events_of_changed_entities(raw, keys) -%}
    select
        events.*,
        count(*) over (partition by {{ key_columns('events', keys) }}) as event_count,
        max(events._loaded_at) over (partition by {{ key_columns('events', keys) }}) as loaded_at,
        row_number() over (
            partition by {{ key_columns('events', keys) }}
            order by events.change_seq desc, events.changed_at desc
        ) as recency
    from {{ raw }} as events
    {% if is_incremental() -%}
    inner join (
        select {{ key_columns('counted', keys) }}
        from {{ raw }} as counted
        inner join (
            select distinct {{ keys | join(', ') }}
            from {{ raw }}
            where _loaded_at >= (
                select coalesce(
                    date_sub(
                        max(_loaded_at),
                        interval {{ var('load_overlap_minutes') }} minute
                    ),
                    {{ epoch() }}
                )
                from {{ this }}
            )
        ) as recent
            on {{ equal_keys('counted', 'recent', keys) }}
        left join {{ this }} as staged
            on {{ equal_keys('counted', 'staged', keys) }}
        group by {{ key_columns('counted', keys) }}
        having count(*) <> coalesce(max(staged._event_count), 0)
    ) as changed
        on {{ equal_keys('events', 'changed', keys) }}
    {%- endif %}
{%- endmacro %}

{% macro key_columns(relation, keys) -%}
    {% for key in keys %}{{ relation }}.{{ key }}{{ ', ' if not loop.last }}{% endfor %}
{%- endmacro %}

{% macro equal_keys(left, right, keys) -%}
    {% for key in keys %}{{ left }}.{{ key }} = {{ right }}.{{ key }}{{ ' and ' if not loop.last }}{% endfor %}
{%- endmacro %}

{#- The time of this write, one row: after every earlier write of this table, even when the
    warehouse's clock went back in between (a new leader with another clock). -#}
{% macro write_time(column) -%}
    {% if is_incremental() -%}
    select
        greatest(
            now(6),
            coalesce(
                date_add(max({{ column }}), interval 1 microsecond),
                now(6)
            )
        ) as written_at
    from {{ this }}
    {%- else -%}
    select now(6) as written_at
    {%- endif %}
{%- endmacro %}

{#- True for the rows of an input that this model has not built from yet. -#}
{% macro not_built_yet(position, through) -%}
    {% if is_incremental() -%}
    {{ position }} > (
        select coalesce(max({{ through }}), {{ epoch() }})
        from {{ this }}
    )
    {%- else -%}
    true
    {%- endif %}
{%- endmacro %}

{#- True for the dates that this model does not reach yet. -#}
{% macro after_newest(date_column) -%}
    {% if is_incremental() -%}
    {{ date_column }} > (
        select coalesce(max(newest.{{ date_column }}), cast('1970-01-01' as date))
        from {{ this }} as newest
    )
    {%- else -%}
    true
    {%- endif %}
{%- endmacro %}
