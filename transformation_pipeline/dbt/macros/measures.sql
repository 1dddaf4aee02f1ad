{#- An amount in the reporting currency: a multiplication, rounded half away from zero, once. -#}
{% macro in_euro(amount, rate='exchange_rate') -%}
    cast(round({{ amount }} * {{ rate }}, 2) as decimal(18, 2))
{%- endmacro %}

{#- Join condition: the version of `versions` that holds for a fact at `moment`, half-open. -#}
{% macro valid_at(versions, key, fact, moment) -%}
    {{ fact }}.{{ key }} = {{ versions }}.{{ key }}
            and {{ moment }} >= {{ versions }}.valid_from
            and {{ moment }} < {{ versions }}.valid_to
{%- endmacro %}

{#- The sum of an amount over the rows where `condition` holds; an amount that is not known yet
    (no rate, no product version) counts once it is. -#}
{% macro money_sum(amount, condition) -%}
    cast(coalesce(sum(case when {{ condition }} then {{ amount }} end), 0) as decimal(38, 2))
{%- endmacro %}

{#- The plain sums of several amounts of `relation`, each under its own name. -#}
{% macro money_sums(amounts, relation) -%}
    {% for amount in amounts -%}
    cast(sum({{ relation }}.{{ amount }}) as decimal(18, 2)) as {{ amount }}
    {{- ',' if not loop.last }}
    {% endfor %}
{%- endmacro %}
