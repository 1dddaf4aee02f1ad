{#- Staging has counted every raw event of every entity and holds its newest change. An event that
    staging may not have seen yet is pending: one loaded no earlier than the overlap before the
    newest load that staging has seen. -#}
{% test stages_every_event(model, raw, keys) %}
with

raw_entities as (
    select
        {{ keys | join(', ') }},
        count(*) as event_count,
        max(change_seq) as change_seq,
        max(_loaded_at) as loaded_at
    from {{ raw }}
    group by {{ keys | join(', ') }}
),

settled as (
    select date_sub(
        max(_loaded_at), interval {{ var('load_overlap_minutes') }} minute
    ) as loaded_before
    from {{ model }}
)

select
    {% for key in keys %}coalesce(raw_entities.{{ key }}, staged.{{ key }}) as {{ key }},
    {% endfor -%}
    raw_entities.event_count as raw_event_count,
    staged._event_count as staged_event_count,
    raw_entities.change_seq as raw_change_seq,
    staged.change_seq as staged_change_seq
from raw_entities
full outer join {{ model }} as staged
    on {{ equal_keys('raw_entities', 'staged', keys) }}
cross join settled
where
    coalesce(raw_entities.event_count, 0) < coalesce(staged._event_count, 0)
    or (
        raw_entities.event_count = staged._event_count
        and raw_entities.change_seq <> staged.change_seq
    )
    or (
        raw_entities.event_count > coalesce(staged._event_count, 0)
        and raw_entities.loaded_at < settled.loaded_before
    )
{% endtest %}
