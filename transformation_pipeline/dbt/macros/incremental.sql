{#- The building blocks of every incremental model; README.md, "How a run stays exact". -#}

{% macro epoch() -%}
    cast('1970-01-01 00:00:00' as datetime)
{%- endmacro %}

{% macro end_of_time() -%}
    cast('9999-12-31 00:00:00' as datetime)
{%- endmacro %}

{#- Entities whose number of raw events differs from what this model last saw. Raw tables only ever
    gain events, so an equal number means the same events. -#}
{% macro changed_entities(raw, keys) -%}
    select
        {% for key in keys %}events.{{ key }},
        {% endfor -%}
        count(*) as event_count,
        max(events._loaded_at) as loaded_at
    from {{ raw }} as events
    {% if is_incremental() -%}
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
        on {{ equal_keys('events', 'recent', keys) }}
    left join {{ this }} as staged
        on {{ equal_keys('events', 'staged', keys) }}
    {% endif -%}
    group by {% for key in keys %}events.{{ key }}{{ ', ' if not loop.last }}{% endfor %}
    {% if is_incremental() -%}
    having count(*) <> coalesce(max(staged._event_count), 0)
    {%- endif %}
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
