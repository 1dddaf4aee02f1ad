{#- Rows for which an equation between columns is false. Where a column in it is NULL nothing is
    claimed. -#}
{% test equation(model, holds) %}
select *
from {{ model }}
where not ({{ holds }})
{% endtest %}
